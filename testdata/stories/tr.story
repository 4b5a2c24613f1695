# The program `tr`: first click to payment, precedence of product links, new buyers, hot products, the traffic check.

story T3: placed in time but paid more than 72 hours after the first click
  program tr
  space ann content
  2026-03-10T10:00:00Z click c1 ann
  +20h click c2 ann
  +50h order o1 USD DE
      item 1 p1 100.00
  2026-03-13T10:00:00Z paid o1
  +1us order o2 USD DE
      item 1 p1 100.00
  +0s paid o2
  expect o1/1 state=pending publisher=ann click=c2
  expect o2/1 state=unattributed rule=window

story T3: unpaid, it is tracked until the window is over
  program tr
  space ann content
  product p1 store=s category=toys
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD DE
      item 1 p1 100.00
  as of 2026-03-13T10:00:00Z
  expect o1/1 state=tracked amount=5.60
  expect balance ann tracked=5.60

story T3: unpaid, after the window it is nobody's
  program tr
  space ann content
  product p1 store=s category=toys
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD DE
      item 1 p1 100.00
  as of 2026-03-13T10:00:00.000001Z
  expect o1/1 state=unattributed rule=window amount=0.00
  expect balance ann tracked=0.00

story C6: the hot link of exactly this product
  program tr
  space ann content
  product p1 store=s category=toys hot=15.00
  product p2 store=s category=toys hot=15.00
  2026-03-10T10:00:00Z click c1 ann kind=hot product=p1
  +1h order o1 USD DE
      item 1 p1 10.00
      item 2 p2 10.00
  expect o1/1 rule=hot rate=15.00 amount=1.50
  expect o1/2 rule=default rate=5.60 amount=0.56

story C6: not for dropshipping or subnetworks
  program tr
  space dan dropshipping
  space sue subnetwork
  product p1 store=s category=toys hot=15.00
  2026-03-10T10:00:00Z click c1 dan kind=hot product=p1 visitor=v1
  +0s click c2 sue kind=hot product=p1 visitor=v2
  +1h order o1 USD DE visitor=v1
      item 1 p1 10.00
  +0s order o2 USD DE visitor=v2
      item 1 p1 10.00
  expect o1/1 publisher=dan rule=default rate=5.60
  expect o2/1 publisher=sue rule=default rate=5.60

story A5: during the traffic check no hot rate and nothing for non-affiliate products
  program tr
  space ann content approved=2026-03-08T10:00:00Z
  product p1 store=s category=toys hot=15.00
  product p2 store=s category=toys non-affiliate
  2026-03-10T10:00:00Z click c1 ann kind=hot product=p1
  +1h order o1 USD DE
      item 1 p1 10.00
      item 2 p2 10.00
  2026-03-13T09:59:59Z order o2 USD DE
      item 1 p1 10.00
      item 2 p2 10.00
  2026-03-13T10:00:00Z order o3 USD DE
      item 1 p1 10.00
      item 2 p2 10.00
  expect o1/1 rule=default amount=0.56
  expect o1/2 rule=non_affiliate amount=0.00
  expect o2/1 rule=default
  expect o2/2 rule=non_affiliate
  expect o3/1 rule=hot amount=1.50
  expect o3/2 rule=default amount=0.56

story C5: non-affiliate products: nothing for cashback, and not in its statistics; the category's rate for others
  program tr
  space cas cashback
  space ann content
  product p2 store=s category=laptops non-affiliate
  2026-03-10T10:00:00Z click c1 cas visitor=v1
  +0s click c2 ann visitor=v2
  +1h order o1 USD DE visitor=v1
      item 1 p2 100.00
  +0s order o2 USD DE visitor=v2
      item 1 p2 100.00
  expect o1/1 publisher=cas rule=non_affiliate amount=0.00
  expect o2/1 publisher=ann rule=category rate=2.40 amount=2.40
  expect statistics cas clicks=1 actions=0 cr=0.00
  expect statistics ann clicks=1 actions=1

story C5: non-affiliate products of listed shops earn nobody anything
  program tr
  space ann content
  store s1 lists=no_non_affiliate
  product p1 store=s1 category=toys non-affiliate
  product p2 store=s1 category=toys
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD DE
      item 1 p1 100.00
      item 2 p2 100.00
  expect o1/1 rule=non_affiliate amount=0.00
  expect o1/2 rule=default amount=5.60

story C3: stores that pay every type 0.75
  program tr
  space cas cashback
  store s1 lists=all_types_075
  product p1 store=s1 category=toys
  2026-03-10T10:00:00Z click c1 cas
  +1h order o1 USD DE new
      item 1 p1 100.00
  expect o1/1 rule=store_list:all_types_075 rate=0.75 amount=0.75

story C7: new buyers of cashback and extensions, the uplift capped at 4 dollars an order
  program tr
  space cas cashback
  product p1 store=s category=womens_clothing
  product p2 store=s category=mobile_phones
  product p3 store=s category=toys
  2026-03-10T10:00:00Z click c1 cas
  +1h order o1 USD DE new
      item 1 p1 100.00
      item 2 p2 100.00
      item 3 p3 100.00
  expect o1/1 rule=new_buyer rate=10.30 amount=9.11
  expect o1/2 rule=new_buyer rate=3.40 amount=3.01
  expect o1/3 rule=new_buyer rate=8.00 amount=7.08

story C7: not for other traffic types
  program tr
  space ann content
  product p1 store=s category=womens_clothing
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD DE new
      item 1 p1 100.00
  expect o1/1 rule=category rate=7.20 amount=7.20

story C7: an uplift within the cap is left alone
  program tr
  space ext extension
  product p1 store=s category=jewellery
  2026-03-10T10:00:00Z click c1 ext
  +1h order o1 USD DE new
      item 1 p1 100.00
  expect o1/1 rule=new_buyer rate=10.30 amount=10.30

story T4: dropshipping earns on the clicked product's store only
  program tr
  space dan dropshipping
  product p1 store=s1 category=toys
  product p2 store=s1 category=toys
  product p3 store=s2 category=toys
  2026-03-10T10:00:00Z click c1 dan product=p1
  +1h order o1 USD DE
      item 1 p1 100.00
      item 2 p2 100.00
      item 3 p3 100.00
  expect o1/1 publisher=dan amount=5.60
  expect o1/2 publisher=dan amount=5.60
  expect o1/3 state=unattributed rule=restricted

story T5: a product's own link beats a later home page, for this product only
  program tr
  space ann content
  space bob content
  product p1 store=s1 category=toys
  product p2 store=s1 category=toys
  2026-03-10T10:00:00Z click c1 ann product=p1
  +1h click c2 bob
  +1h order o1 USD DE
      item 1 p1 100.00
      item 2 p2 100.00
  expect o1/1 publisher=ann
  expect o1/2 publisher=ann

story T5: any other page beats the home page, and the later of two such pages wins
  program tr
  space ann content
  space bob content
  2026-03-10T10:00:00Z click c1 ann kind=category
  +1h click c2 ann kind=home
  +1h click c3 bob kind=search
  +1h click c4 ann kind=home
  +1h order o1 USD DE
      item 1 p1 100.00
  expect o1/1 publisher=bob click=c3

story M2: approved 25 days after completion
  program tr
  space ann content
  product p1 store=s category=toys
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD DE
      item 1 p1 100.00
  +1m paid o1
  +15d completed o1
  as of +25d
  expect o1/1 state=approved
  expect statistics ann avg_hold_hours=960.02
