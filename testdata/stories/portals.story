# The program `portals`: 30 days, last paid click, seller's campaigns and rates, sale events, coupons tied to publishers.

story C1: a category's rate, tracked, pending, approved
  program portals
  space ann content
  product p1 store=s category=mobile_phones
  2026-03-10T10:00:00Z click c1 ann product=p1 af=blog
  +1h order o1 USD RO
      item 1 p1 100.00
  as of +0m
  expect o1/1 state=tracked publisher=ann ad_space=ann-space click=c1 rule=category rate=3.00 base=100.00 amount=3.00 currency=USD program_currency=USD
  expect balance ann tracked=3.00 pending=0.00 approved=0.00 available=0.00 paid=0.00

story M2: approved when the hold of 14 days after completion is over
  program portals
  space ann content
  product p1 store=s category=tablets
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
  +1m paid o1
  +10d completed o1
  as of +14d
  expect o1/1 state=approved amount=4.00 rule=category
  expect balance ann tracked=0.00 pending=0.00 approved=4.00 available=4.00
  expect statistics ann clicks=1 actions=1 cr=100.00 epc=400.00 approval_rate=100.00

story M2: still pending a second before
  program portals
  space ann content
  product p1 store=s category=tablets
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
  +1m paid o1
  +10d completed o1
  as of +13d23h59m59s
  expect o1/1 state=pending amount=4.00
  expect balance ann pending=4.00 available=0.00

story O2: not completed within 60 days lapses
  program portals
  space ann content
  2026-03-10T10:00:00Z click c1 ann
  +0s order o1 USD RO
      item 1 p1 100.00
  +1m paid o1
  as of 2026-05-09T10:00:00.000001Z
  expect o1/1 state=declined amount=0.00 rule=default
  expect balance ann pending=0.00 approved=0.00 available=0.00

story O2: completed on the last instant of the 60 days counts
  program portals
  space ann content
  2026-03-10T10:00:00Z click c1 ann
  +0s order o1 USD RO
      item 1 p1 100.00
  +1m paid o1
  2026-05-09T10:00:00Z completed o1
  as of +20d
  expect o1/1 state=approved amount=5.00 rule=default

story O2: completed a microsecond too late
  program portals
  space ann content
  2026-03-10T10:00:00Z click c1 ann
  +0s order o1 USD RO
      item 1 p1 100.00
  +1m paid o1
  2026-05-09T10:00:00.000001Z completed o1
  as of +20d
  expect o1/1 state=declined amount=0.00

story C1: new buyers by category
  program portals
  space ann content
  product p1 store=s category=desktops
  product p2 store=s category=jewellery
  product p3 store=s category=toys
  product p4 store=s category=mobile_phone_accessories
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO new
      item 1 p1 100.00
      item 2 p2 100.00
      item 3 p3 100.00
      item 4 p4 100.00
  expect o1/1 rule=new_buyer rate=5.00 amount=5.00
  expect o1/2 rule=new_buyer rate=9.00 amount=9.00
  expect o1/3 rule=new_buyer rate=7.00 amount=7.00
  expect o1/4 rule=new_buyer rate=9.00 amount=9.00

story S2: the seller's campaign, then the product's rate, before everything else
  program portals
  space ann content
  product p1 store=s category=toys rate=20.00 campaign=30.00,2026-03-01T00:00:00Z,2026-03-11T00:00:00Z
  product p2 store=s category=toys rate=20.00 campaign=30.00,2026-03-01T00:00:00Z,2026-03-10T11:00:00Z
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO new
      item 1 p1 10.00
      item 2 p2 10.00
  expect o1/1 rule=campaign rate=30.00 amount=3.00
  expect o1/2 rule=seller_rate rate=20.00 amount=2.00

story P4: 11.11 begins at midnight in Los Angeles
  program portals
  space ann content
  2026-11-10T10:00:00Z click c1 ann
  2026-11-11T07:59:59.999999Z order o1 USD RO
      item 1 p1 100.00
  2026-11-11T08:00:00Z order o2 USD RO
      item 1 p1 100.00
  2026-11-18T07:59:59.999999Z order o3 USD RO new
      item 1 p1 100.00
  2026-11-18T08:00:00Z order o4 USD RO
      item 1 p1 100.00
  expect o1/1 rule=default rate=5.00 amount=5.00
  expect o2/1 rule=default rate=7.00 amount=7.00
  expect o3/1 rule=new_buyer rate=9.00 amount=9.00
  expect o4/1 rule=default rate=5.00 amount=5.00

story P4: Black Friday, from Friday to Tuesday
  program portals
  space ann content
  product p1 store=s category=mobile_phones
  2026-11-25T10:00:00Z click c1 ann
  2026-11-27T07:59:59Z order o1 USD RO
      item 1 p1 100.00
  2026-11-27T08:00:00Z order o2 USD RO
      item 1 p1 100.00
  2026-12-01T07:59:59Z order o3 USD RO
      item 1 p1 100.00
  2026-12-01T08:00:00Z order o4 USD RO
      item 1 p1 100.00
  expect o1/1 rule=category rate=3.00
  expect o2/1 rule=category rate=5.00
  expect o3/1 rule=category rate=5.00
  expect o4/1 rule=category rate=3.00

story P4: a sale event does not add to a seller's rate
  program portals
  space ann content
  product p1 store=s category=toys rate=20.00
  2026-11-12T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
  expect o1/1 rule=seller_rate rate=20.00

story T1: a coupon that is tied to a publisher wins over every click
  program portals
  space ann content
  space bob coupon coupons=BOB10
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO coupon=BOB10,10.00
      item 1 p1 60.00
      item 2 p2 30.00
  expect o1/1 publisher=bob ad_space=bob-space click= base=53.33 amount=2.67
  expect o1/2 publisher=bob base=26.67 amount=1.33

story O4: what coupons pay for earns nothing, shared out to the cent, ties to the earlier line
  program portals
  space ann content
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO coupon=ANY,1.00
      item 1 p1 10.00
      item 2 p2 10.00
      item 3 p3 10.00
  expect o1/1 base=9.66
  expect o1/2 base=9.67
  expect o1/3 base=9.67

story O3: cancelled before approval, refunded after it
  program portals
  space ann content
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
      item 2 p2 100.00
      item 3 p3 100.00
  +1m paid o1
  +1h cancelled o1 1
  +10d completed o1
  +20d refunded o1 2 40.00
  +1d refunded o1 3 100.00
  as of +1d
  expect o1/1 state=declined base=0.00 amount=0.00
  expect o1/2 state=approved base=60.00 amount=3.00
  expect o1/3 state=declined base=0.00 amount=0.00
  expect balance ann pending=0.00 approved=3.00 available=3.00
  expect statistics ann actions=3 approval_rate=33.33

story M4: fraud after approval is an antispam deduction
  program portals
  space ann content
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
      item 2 p2 100.00
  +1m paid o1
  +10d completed o1
  +20d fraud o1 2
  as of +1d
  expect o1/1 state=approved amount=5.00
  expect o1/2 state=declined amount=0.00 base=100.00
  expect balance ann approved=5.00 available=5.00

story O4: an item that is not in stock earns nothing
  program portals
  space ann content
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00 out-of-stock
  expect o1/1 state=tracked rule=out_of_stock base=0.00 rate=0.00 amount=0.00

story C10: conversion at the rate of the payment's day, rounded once
  program portals
  space ann content
  fx 2026-03-09 EUR USD 1.1000
  fx 2026-03-11 EUR USD 1.1234
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 EUR RO
      item 1 p1 99.99
  2026-03-12T00:30:00Z paid o1
  expect o1/1 state=pending base=99.99 currency=EUR amount=5.62 program_currency=USD

story C10: while unpaid, at the rate of the placing's day
  program portals
  space ann content
  fx 2026-03-09 JPY USD 0.00685
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 JPY JP
      item 1 p1 2000
  expect o1/1 state=tracked base=2000 amount=0.68

story T2: a click of 30 days ago still counts, to the microsecond
  program portals
  space ann content
  2026-03-01T10:00:00Z click c1 ann
  2026-03-31T10:00:00Z order o1 USD RO
      item 1 p1 100.00
  +1us order o2 USD RO
      item 1 p1 100.00
  expect o1/1 publisher=ann
  expect o2/1 state=unattributed publisher= rule=window amount=0.00
  expect statistics ann clicks=1 actions=1

story T1: nobody earns when the marketplace's own paid click was last
  program portals
  space ann content
  2026-03-10T10:00:00Z click c1 ann
  +1h click x1 paid_search
  +1h order o1 USD RO
      item 1 p1 100.00
  expect o1/1 state=unattributed rule=other_channel publisher=

story O5: product B through a link to product A
  program portals
  space ann content
  product a store=s category=toys
  product b store=t category=tablets
  2026-03-10T10:00:00Z click c1 ann product=a
  +1h order o1 USD RO
      item 1 b 100.00
  expect o1/1 publisher=ann rule=category amount=4.00
