// Package payout decides who is paid what, leads a payout run from its draft to the bank's last answer, and proves that
// orders, postings, balances, payouts and bank files agree (M3, M5, M6).
//
// Everything here is a pure function: a transition takes a Run and returns the next one together with the transactions
// that must be booked in the same database transaction. Nothing is booked, sent or read here, and the time is passed in.
//
// Exactly once rests on two guards that stand alone: the states of a run and of its payouts, and the causes of the
// transactions, which the ledger keeps unique. A third keeps the bank's side: a payout's id follows from its run and its
// publisher, so sending again can only mean sending the same file again.
package payout
