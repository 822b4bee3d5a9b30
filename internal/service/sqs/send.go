package sqs

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"apex/internal/api"
	"apex/internal/awsid"
	"apex/internal/store"
)

// dedupTime is how long a FIFO queue remembers what it has taken.
const dedupTime = 5 * time.Minute

// A Letter is what is sent to a queue.
type Letter struct {
	Body       string
	Attributes map[string]Attribute
	Trace      string
	Group      string // of FIFO queues, and of standard ones that are to be fair
	Dedup      string
	Delay      *int64 // seconds; nil for the queue's own
	Sender     string
}

// SendTo puts a letter into the queue that an ARN names, for another service.
func SendTo(tx *store.Tx, queueARN string, letter Letter, now time.Time) error {
	key, ok := keyOfARN(queueARN)
	q, exists := Queues.Get(tx, key)
	if !ok || !exists {
		return fmt.Errorf("send to %s: %w", queueARN, errNoQueue)
	}
	_, err := send(tx, q, letter, now)
	return err
}

// Exists tells whether there is a queue of that ARN.
func Exists(r store.Reader, queueARN string) bool {
	key, ok := keyOfARN(queueARN)
	_, exists := Queues.Get(r, key)
	return ok && exists
}

// send checks a letter and makes it a message. A FIFO queue that has taken it
// before answers with the message that it made then.
func send(tx *store.Tx, q Queue, letter Letter, now time.Time) (Message, error) {
	if err := checkLetter(q, letter); err != nil {
		return Message{}, err
	}
	if q.fifo() && letter.Dedup == "" {
		sum := sha256.Sum256([]byte(letter.Body))
		letter.Dedup = hex.EncodeToString(sum[:])
	}
	delay := q.seconds("DelaySeconds")
	if letter.Delay != nil {
		delay = time.Duration(*letter.Delay) * time.Second
	}
	if old, ok := taken(tx, q, letter, now); ok {
		return old, nil
	}
	m := Message{Key: messageKey(q.Key, next(tx, q.Key)), Spec: MessageSpec{
		ID: awsid.UUID(), Body: letter.Body, Attributes: letter.Attributes, Trace: letter.Trace, Sender: letter.Sender,
		Sent: now, Visible: now.Add(delay), Group: letter.Group, Dedup: letter.Dedup,
	}}
	Messages.Put(tx, m)
	if q.fifo() {
		dedups.Put(tx, dedup{Key: dedupKey(q, letter), ID: m.Spec.ID, Message: m.Key, Sequence: m.number(), Until: now.Add(dedupTime)})
	}
	return m, nil
}

func dedupKey(q Queue, letter Letter) string {
	if q.attribute("DeduplicationScope") == "messageGroup" {
		return q.Key + ":" + letter.Group + ":" + letter.Dedup
	}
	return q.Key + ":" + letter.Dedup
}

// taken returns the message that a FIFO queue made of the same letter before.
func taken(tx *store.Tx, q Queue, letter Letter, now time.Time) (Message, bool) {
	if !q.fifo() {
		return Message{}, false
	}
	d, ok := dedups.Get(tx, dedupKey(q, letter))
	if !ok || !d.Until.After(now) {
		return Message{}, false
	}
	return Message{Key: d.Message, Spec: MessageSpec{ID: d.ID, Body: letter.Body, Attributes: letter.Attributes}}, true
}

// next numbers a queue's next message.
func next(tx *store.Tx, queue string) string {
	c, _ := counters.Get(tx, queue)
	c.Key = queue
	c.Sent++
	counters.Put(tx, c)
	return numberOf(c.Sent)
}

func checkLetter(q Queue, letter Letter) error {
	limit, _ := strconv.Atoi(q.attribute("MaximumMessageSize")) // checked when it was set
	switch {
	case letter.Body == "":
		return api.Invalid("MissingParameter", "The request must contain the parameter MessageBody.")
	case letter.size() > limit:
		return api.Invalid("InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", limit)
	case !utf8.ValidString(letter.Body) || slices.ContainsFunc([]rune(letter.Body), forbidden):
		return fault("InvalidMessageContents", "The message contains characters outside the allowed set.")
	case letter.Delay != nil && (*letter.Delay < 0 || *letter.Delay > 900):
		return badValue("DelaySeconds", strconv.FormatInt(*letter.Delay, 10), "DelaySeconds must be >= 0 and <= 900.")
	case !q.fifo() && letter.Dedup != "":
		return badValue("MessageDeduplicationId", letter.Dedup, "The request include parameter that is not valid for this queue type.")
	case !q.fifo():
		return nil
	case letter.Group == "":
		return api.Invalid("MissingParameter", "The request must contain the parameter MessageGroupId.")
	case letter.Dedup == "" && q.attribute("ContentBasedDeduplication") != "true":
		return api.Invalid("InvalidParameterValue", "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	case letter.Delay != nil && *letter.Delay > 0:
		return badValue("DelaySeconds", strconv.FormatInt(*letter.Delay, 10), "The request include parameter that is not valid for this queue type.")
	}
	return nil
}

// forbidden tells the characters that XML has no place for.
func forbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

func (l Letter) size() int {
	size := len(l.Body)
	for name, a := range l.Attributes {
		size += len(name) + len(a.Type) + len(a.String) + len(a.Binary)
	}
	return size
}

func digest(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// digestOf is the digest of attributes that clients compare with their own (SQS
// developer guide, Calculating the MD5 message digest for message attributes).
func digestOf(attributes map[string]Attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var b []byte
	add := func(text string) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
		b = append(b, text...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		add(name)
		add(a.Type)
		if len(a.Binary) > 0 {
			b = append(b, 2)
			add(string(a.Binary))
			continue
		}
		b = append(b, 1)
		add(a.String)
	}
	return digest(string(b))
}
