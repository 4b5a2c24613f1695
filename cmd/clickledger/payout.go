package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// payoutCmd leads payout runs; each step names who does it, and approving takes another person (M5).
type payoutCmd struct {
	Details payoutDetailsCmd `cmd:"" help:"Say how a publisher is paid. Nothing is paid for 72 hours after a change."`
	Start   payoutStartCmd   `cmd:"" help:"Open and freeze the run that is due, or one by hand."`
	List    payoutListCmd    `cmd:"" help:"List payout runs."`
	Build   payoutBuildCmd   `cmd:"" help:"Make the bank files of a frozen run and write them into a folder."`
	Approve payoutApproveCmd `cmd:"" help:"Agree to a run as a second person, by typing its totals."`
	Release payoutStepCmd    `cmd:"" help:"Book that the files go to the bank. Send them only after this."`
	Answers payoutAnswersCmd `cmd:"" help:"Take a bank's answer in: camt.053, pain.002 or CSV."`
	Close   payoutCloseCmd   `cmd:"" help:"Close a run that the bank has answered."`
	Cancel  payoutCancelCmd  `cmd:"" help:"Give a run up before its release."`
}

// payer is whose bank account a server pays from; without a name nothing is paid.
type payer struct {
	Name string `help:"Whose bank account pays publishers." placeholder:"NAME"`
	IBAN string `name:"iban" help:"The paying account." placeholder:"IBAN"`
	BIC  string `name:"bic" help:"The paying account's bank." placeholder:"BIC"`
}

func (p payer) party() payout.Party {
	return payout.Party{Name: p.Name, IBAN: strings.ReplaceAll(p.IBAN, " ", ""), BIC: p.BIC}
}

type byFlag struct {
	By string `required:"" help:"Who does it." placeholder:"NAME"`
}

// withPayouts opens the database and the payout service.
func withPayouts(e *env, f databaseFlags, payer payout.Party, do func(*payouts.Service, store.Store) error) error {
	db, err := f.existing(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	s, err := settle.New(e.ctx, db, e.now)
	if err != nil {
		return err
	}
	err = do(payouts.New(db, s.Terms, bankfile.Files, payer, e.now), db)
	if errors.Is(err, store.ErrNotFound) {
		return files.Bad("there is no such run or program (clickledger payout list has the runs): %w", err)
	}
	return err
}

func printRun(e *env, r *payout.Run) {
	t := r.Totals()
	fmt.Fprintf(e.stdout, "run %s of %s: %s, %d payouts, %s net, fees %s\n", r.ID, r.Program, r.State, t.Payments, money.New(t.Net, r.Currency), money.New(t.Fee, r.Currency))
	for _, p := range r.Passed {
		fmt.Fprintf(e.stdout, "  %s is not paid: %s %s\n", p.Publisher, p.Refusal.Reason("en"), p.Refusal.Fix("en"))
	}
}

type payoutDetailsCmd struct {
	databaseFlags
	Publisher string `arg:"" help:"The publisher."`
	Method    string `required:"" help:"A payout method of its programs, such as bank_transfer." placeholder:"METHOD"`
	Country   string `required:"" help:"Where it is paid, ISO 3166-1 alpha-2." placeholder:"XX"`
	Name      string `required:"" help:"Name of the account's owner."`
	IBAN      string `name:"iban" help:"International bank account number."`
	BIC       string `name:"bic" help:"Bank identifier code."`
	Email     string `help:"E-mail address, for PayPal."`
	Street    string
	PostCode  string
	Town      string
}

func (c *payoutDetailsCmd) Run(e *env) error {
	d := payouts.Details{Method: c.Method, Country: c.Country, Account: payout.Party{
		Name: c.Name, IBAN: strings.ReplaceAll(c.IBAN, " ", ""), BIC: c.BIC, Email: c.Email,
		Address: payout.Address{Street: c.Street, PostCode: c.PostCode, Town: c.Town, Country: c.Country},
	}}
	if err := bankfile.Check(d.Account, d.Method, "USD"); err != nil {
		return files.Bad("payout details of %q: %w", c.Publisher, err)
	}
	return withPayouts(e, c.databaseFlags, payout.Party{}, func(s *payouts.Service, _ store.Store) error {
		return s.SetDetails(e.ctx, c.Publisher, d)
	})
}

type payoutStartCmd struct {
	databaseFlags
	byFlag
	Program    string   `arg:"" help:"The program."`
	Requested  bool     `help:"Pay publishers who asked, in a program that pays on request."`
	Manual     bool     `help:"Start a run by hand, though none is due."`
	Publishers []string `help:"Only these publishers." placeholder:"NAME"`
	PayerName  string   `required:"" help:"Whose account pays."`
	PayerIBAN  string   `name:"payer-iban" required:"" help:"The paying account."`
	PayerBIC   string   `name:"payer-bic" help:"The paying account's bank."`
}

func (c *payoutStartCmd) Run(e *env) error {
	payer := payout.Party{Name: c.PayerName, IBAN: strings.ReplaceAll(c.PayerIBAN, " ", ""), BIC: c.PayerBIC}
	return withPayouts(e, c.databaseFlags, payer, func(s *payouts.Service, _ store.Store) error {
		way := payout.Manual
		if c.Requested {
			way = payout.Requested
		}
		if c.Requested || c.Manual {
			r, err := s.Start(e.ctx, program.ID(c.Program), way, c.Publishers, c.By)
			if err != nil {
				return err
			}
			printRun(e, &r)
			return nil
		}
		r, due, err := s.Due(e.ctx, program.ID(c.Program), c.By)
		if err != nil {
			return err
		}
		if !due {
			fmt.Fprintf(e.stdout, "no run of %s is due\n", c.Program)
			return nil
		}
		printRun(e, &r)
		return nil
	})
}

type payoutListCmd struct {
	databaseFlags
}

func (c *payoutListCmd) Run(e *env) error {
	return withPayouts(e, c.databaseFlags, payout.Party{}, func(s *payouts.Service, _ store.Store) error {
		runs, err := s.Runs(e.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "run\tprogram\tstate\tpayouts\tnet\tfees\t")
		for i := range runs {
			r := &runs[i]
			t := r.Totals()
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t\n", r.ID, r.Program, r.State, t.Payments, money.New(t.Net, r.Currency), money.New(t.Fee, r.Currency))
		}
		return w.Flush()
	})
}

type runArg struct {
	ID string `arg:"" name:"run" help:"The run's id."`
}

type payoutBuildCmd struct {
	databaseFlags
	byFlag
	runArg
	Out string `required:"" type:"path" help:"Folder for the bank files." placeholder:"DIR"`
}

func (c *payoutBuildCmd) Run(e *env) error {
	return withPayouts(e, c.databaseFlags, payout.Party{}, func(s *payouts.Service, _ store.Store) error {
		if err := files.CanBeFolder("--out", c.Out); err != nil {
			return err
		}
		r, err := s.Build(e.ctx, c.ID, c.By)
		if err != nil {
			return err
		}
		if err := files.Folder("--out", c.Out, 0o700); err != nil {
			return err
		}
		for _, f := range r.Files {
			data, err := s.File(e.ctx, r.ID, f.Name)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(c.Out, f.Name), data, 0o600); err != nil {
				return fmt.Errorf("writing a bank file: %w", err)
			}
			fmt.Fprintf(e.stdout, "%s: %d payments, sha256 %s\n", f.Name, f.Payments, f.SHA256)
		}
		printRun(e, &r)
		return nil
	})
}

type payoutApproveCmd struct {
	databaseFlags
	byFlag
	runArg
	Payments int    `required:"" help:"Number of payments, as the file says."`
	Total    string `required:"" help:"Sum of the payments, as the file says: 1234.50" placeholder:"AMOUNT"`
}

// Run approves the run.
func (c *payoutApproveCmd) Run(e *env) error {
	return withPayouts(e, c.databaseFlags, payout.Party{}, func(s *payouts.Service, _ store.Store) error {
		r, err := s.Approve(e.ctx, c.ID, payout.Approval{By: c.By, Payments: c.Payments, Total: c.Total})
		if err == nil {
			printRun(e, &r)
		}
		return err
	})
}

type payoutStepCmd struct {
	databaseFlags
	byFlag
	runArg
}

// Run releases the run.
func (c *payoutStepCmd) Run(e *env) error {
	return withPayouts(e, c.databaseFlags, payout.Party{}, func(s *payouts.Service, _ store.Store) error {
		r, err := s.Release(e.ctx, c.ID, c.By)
		if err == nil {
			printRun(e, &r)
		}
		return err
	})
}

type payoutCloseCmd payoutStepCmd

// Run closes the run.
func (c *payoutCloseCmd) Run(e *env) error {
	return withPayouts(e, c.databaseFlags, payout.Party{}, func(s *payouts.Service, _ store.Store) error {
		r, err := s.Close(e.ctx, c.ID, c.By)
		if err == nil {
			printRun(e, &r)
		}
		return err
	})
}

type payoutCancelCmd struct {
	databaseFlags
	byFlag
	runArg
	Why string `required:"" help:"The reason."`
}

// Run cancels the run.
func (c *payoutCancelCmd) Run(e *env) error {
	return withPayouts(e, c.databaseFlags, payout.Party{}, func(s *payouts.Service, _ store.Store) error {
		r, err := s.Cancel(e.ctx, c.ID, c.Why, c.By)
		if err == nil {
			printRun(e, &r)
		}
		return err
	})
}
