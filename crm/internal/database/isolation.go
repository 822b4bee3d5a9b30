package database

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// setIsolation: with READ COMMITTED a statement locks the rows that it finds
// and not the gaps between them. The default's gaps make writers of one
// workspace wait for each other, and deadlock, over rows that nobody has.
const setIsolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"

// isolated is a connector whose connections all have that level: asked for
// with each transaction, it would be a round trip more.
type isolated struct{ driver.Connector }

// Connect connects and sets the level.
func (c isolated) Connect(ctx context.Context) (driver.Conn, error) {
	var made connection
	conn, err := c.Connector.Connect(context.WithValue(ctx, wireKey{}, &made.wire))
	if err != nil {
		return nil, err
	}
	var ok bool
	if made.driven, ok = conn.(driven); !ok || made.wire == nil {
		conn.Close()
		return nil, fmt.Errorf("connect to MySQL: a %T is not what is expected", conn)
	}
	if _, err := made.ExecContext(ctx, setIsolation, nil); err != nil {
		conn.Close() // its fault is told
		return nil, err
	}
	return &made, nil
}
