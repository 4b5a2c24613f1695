-- What was booked when payouts left: the figures of program pages need these few of all transactions.

-- +goose Up
CREATE INDEX transactions_of_payouts ON transactions (program, reason, seq) WHERE reason IN ('release', 'payout');
