package rest

import (
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

type (
	moneyCurrency = money.Currency
	fileContent   = payout.FileContent
	orderKey      = order.Key
	programID     = program.ID
)
