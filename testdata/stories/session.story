# The program `portals-session`: 8 % for everything, within the session.

story T2: the session's last paid click
  program portals-session
  space ann content
  space bob content
  2026-03-10T10:00:00Z click c1 ann session=s1
  +10m click c2 bob session=s2
  +1h order o1 USD RO session=s1
      item 1 p1 12.50
  expect o1/1 publisher=ann rule=default rate=8.00 amount=1.00

story T2: another session
  program portals-session
  space ann content
  2026-03-10T10:00:00Z click c1 ann session=s1
  +1h order o1 USD RO session=s9
      item 1 p1 12.50
  expect o1/1 state=unattributed rule=window

