# The program `global-eu`: 72 hours, store lists, the CIS, virtual products, 38 dollars an order.

story C8: an order earns at most 38 dollars, shared out by amount
  program global-eu
  space ann content
  product p1 store=s category=womens_clothing
  product p2 store=s category=mobile_phones
  product p3 store=s category=toys
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 500.00
      item 2 p2 500.00
      item 3 p3 500.00
  expect o1/1 rule=category rate=7.20 amount=18.00
  expect o1/2 rule=category rate=2.40 amount=6.00
  expect o1/3 rule=default rate=5.60 amount=14.00

story C8: one order has one cap, whoever won its items; a cancelled item makes room
  program global-eu
  space ann content
  product p1 store=s category=toys
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 1000.00
      item 2 p1 1000.00
  +1m paid o1
  +1d cancelled o1 2
  expect o1/1 amount=38.00
  expect o1/2 state=declined amount=0.00

story C3: store lists, in the order of the document
  program global-eu
  space ann cashback
  store s1 lists=no_commission
  store s2 lists=electronics_brands,chuwi
  store s3 lists=electronics_brands
  store s4 lists=electronics_brands,no_commission
  store s5 lists=all_types_075
  product p1 store=s1 category=toys
  product p2 store=s2 category=toys
  product p3 store=s3 category=toys
  product p4 store=s4 category=toys
  product p5 store=s5 category=toys
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RU
      item 1 p1 100.00
      item 2 p2 100.00
      item 3 p3 100.00
      item 4 p4 100.00
  +1m order o2 USD RO
      item 5 p5 100.00
  expect o1/1 rule=store_list:no_commission rate=0.00 amount=0.00
  expect o1/2 rule=store_list:chuwi rate=1.50 amount=1.50
  expect o1/3 rule=store_list:electronics_brands rate=0.75 amount=0.75
  expect o1/4 rule=store_list:no_commission amount=0.00
  expect o2/5 rule=default rate=5.60 amount=5.60

story C4: in the CIS the seller's rate counts, within its range
  program global-eu
  space ann content
  product p1 store=s category=toys rate=10.00
  product p2 store=s category=toys rate=0.10
  product p3 store=s category=toys rate=75.00
  product p4 store=s category=toys
  product p5 store=s category=toys rate=10.00 non-affiliate
  product p6 store=s category=toys rate=10.00 campaign=12.00,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD KZ
      item 1 p1 10.00
      item 2 p2 10.00
      item 3 p3 10.00
      item 4 p4 10.00
      item 5 p5 10.00
      item 6 p6 10.00
      item 7 unknown 10.00
  expect o1/1 rule=market:cis rate=10.00 amount=1.00
  expect o1/2 rule=market:cis rate=0.40 amount=0.04
  expect o1/3 rule=market:cis rate=69.00 amount=6.90
  expect o1/4 rule=market:cis rate=0.00 amount=0.00
  expect o1/5 rule=market:cis rate=0.00 amount=0.00
  expect o1/6 rule=market:cis rate=12.00 amount=1.20
  expect o1/7 rule=market:cis rate=0.00 amount=0.00

story C5: outside the CIS a non-affiliate product earns the category's rate
  program global-eu
  space ann cashback
  product p5 store=s category=laptops non-affiliate
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p5 100.00
      item 2 unknown 100.00 category=childrens_clothing
  expect o1/1 rule=category rate=2.40 amount=2.40
  expect o1/2 rule=category rate=7.20 amount=7.20

story C2: virtual products earn nothing
  program global-eu
  space ann content
  product p1 store=s category=toys virtual
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
  expect o1/1 rule=virtual amount=0.00

story M2: no hold and no completion limit: approved on completion
  program global-eu
  space ann content
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
  +1m paid o1
  +90d completed o1
  expect o1/1 state=approved amount=5.60
  expect balance ann approved=5.60 available=5.60

story L4: 72 hours from the last click to the order
  program global-eu
  space ann content
  2026-03-10T10:00:00Z click c1 ann
  +72h order o1 USD RO
      item 1 p1 100.00
  +1us order o2 USD RO
      item 1 p1 100.00
  +5d paid o1
  expect o1/1 state=pending publisher=ann
  expect o2/1 state=unattributed rule=window

story T6: a blocked publisher and a bot never win
  program global-eu
  space ann content
  space bob content blocked=2026-03-10T09:00:00Z
  2026-03-10T08:00:00Z click c1 ann
  +2h click c2 bob
  +1m click c3 ann verdict=bot
  +1h order o1 USD RO
      item 1 p1 100.00
  expect o1/1 publisher=ann click=c1
