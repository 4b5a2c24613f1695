# Trust cases on the program `portals`: what a case keeps back, gives back and takes is a fact of the order (M4, F5).

story M4: a held item is pending and is not available, however far its order has come
  program portals
  space ann content
  product p1 store=s category=tablets
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
      item 2 p1 50.00
  +1m paid o1
  +10d completed o1
  +1d held o1 k1 1
  as of +20d
  expect o1/1 state=pending amount=4.00
  expect o1/2 state=approved amount=2.00
  expect balance ann pending=0.00 approved=2.00 available=2.00 hold=4.00
  expect statistics ann actions=2 approval_rate=50.00

story M4: an item that is cleared stands where its timeline says
  program portals
  space ann content
  product p1 store=s category=tablets
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
  +1m paid o1
  +10d completed o1
  +1d held o1 k1
  +5d cleared o1 k1
  +1d order o2 USD RO
      item 1 p1 100.00
  +1m paid o2
  +10d completed o2
  +1d held o2 k2
  +15d cleared o2 k2
  as of +1d
  expect o1/1 state=approved amount=4.00
  expect o2/1 state=approved amount=4.00
  expect balance ann pending=0.00 approved=8.00 available=8.00

story M4: a refund while an item is held counts when it is cleared
  program portals
  space ann content
  product p1 store=s category=tablets
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
  +1m paid o1
  +10d completed o1
  +15d held o1 k1
  +1d refunded o1 1 25.00
  +1d cleared o1 k1
  as of +1d
  expect o1/1 state=approved amount=3.00 base=75.00
  expect balance ann approved=3.00 available=3.00

story M4: a deduction declines the item under its own name
  program portals
  space ann content
  product p1 store=s category=tablets
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
      item 2 p1 50.00
  +1m paid o1
  +10d completed o1
  +15d held o1 k1 1
  +10d deducted o1 k1 1
  as of +1d
  expect o1/1 state=declined amount=0.00
  expect o1/2 state=approved amount=2.00
  expect balance ann approved=2.00 available=2.00

story M4: an appeal restores in full
  program portals
  space ann content
  product p1 store=s category=tablets
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
  +1m paid o1
  +10d completed o1
  +15d deducted o1 k1
  +5d restored o1 k1
  as of +1d
  expect o1/1 state=approved amount=4.00
  expect balance ann approved=4.00 available=4.00

story M4: an appeal undoes what the marketplace reported as fraud, too
  program portals
  space ann content
  product p1 store=s category=tablets
  2026-03-10T10:00:00Z click c1 ann
  +1h order o1 USD RO
      item 1 p1 100.00
  +1m paid o1
  +10d completed o1
  +15d fraud o1
  +5d restored o1 k1
  as of +1d
  expect o1/1 state=approved amount=4.00
  expect balance ann approved=4.00 available=4.00
