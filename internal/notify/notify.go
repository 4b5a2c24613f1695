// Package notify sends e-mail. A use case writes it into the outbox in its own transaction; a Sender takes it from there, so that
// nothing is told that did not happen, and what happened is told in the end, at least once. A second copy has the Message-ID of the
// first.
package notify

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
)

// Message is an e-mail as plain text.
type Message struct {
	To      string `json:"-"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// Write puts a message into the outbox. Its text is sealed: it may hold a link that opens an account.
func Write(ctx context.Context, out store.Outbox, box *seal.Box, m Message, now time.Time) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("writing an e-mail: %w", err)
	}
	id := "mail_" + strings.ToLower(rand.Text())
	return out.Put(ctx, store.Mail{ID: id, To: m.To, Body: box.Seal(body, id), CreatedAt: now, NextAt: now})
}

// Read opens a message of the outbox.
func Read(box *seal.Box, m store.Mail) (Message, error) {
	body, err := box.Open(m.Body, m.ID)
	if err != nil {
		return Message{}, fmt.Errorf("opening e-mail %s: %w", m.ID, err)
	}
	out := Message{To: m.To}
	if err := json.Unmarshal(body, &out); err != nil {
		return out, fmt.Errorf("reading e-mail %s: %w", m.ID, err)
	}
	return out, nil
}
