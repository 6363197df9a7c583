// Checks a log with Go's own verifiers (golang.org/x/mod/sumdb/note and tlog), which share no code with ours.
//
//	tlog_go DIR
//
// DIR/vkey            verifier key "name+id+key"; the name is the log's origin
// DIR/checkpoint      signed note
// DIR/entries         every entry: u16 big-endian length, bytes (as in a C2SP entry bundle)
// DIR/checkpoints/*   earlier checkpoints, optional: each must be a prefix of the log
// DIR/proofs/*        .tlog-proof files, optional: each must prove its entry in its own checkpoint
//
// Prints one line, "OK ..." or "FAIL ...", and exits 0 or 1.
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type log struct {
	verifier note.Verifier
	entries  [][]byte
	hashes   []tlog.Hash // stored hashes, in tlog's own order
}

func (l *log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x >= int64(len(l.hashes)) {
			return nil, fmt.Errorf("hash %d is not stored", x)
		}
		out[i] = l.hashes[x]
	}
	return out, nil
}

func (l *log) load(dir string) error {
	vkey, err := os.ReadFile(filepath.Join(dir, "vkey"))
	if err != nil {
		return err
	}
	if l.verifier, err = note.NewVerifier(strings.TrimSpace(string(vkey))); err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(dir, "entries"))
	if err != nil {
		return err
	}
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return fmt.Errorf("entry %d is cut", len(l.entries))
		}
		n := int(binary.BigEndian.Uint16(data))
		entry := data[2 : 2+n]
		data = data[2+n:]
		more, err := tlog.StoredHashes(int64(len(l.entries)), entry, l)
		if err != nil {
			return err
		}
		l.entries = append(l.entries, entry)
		l.hashes = append(l.hashes, more...)
	}
	return nil
}

// checkpoint opens a note and compares its root with the one that tlog computes from the entries.
func (l *log) checkpoint(text []byte) (int64, tlog.Hash, error) {
	var root tlog.Hash
	n, err := note.Open(text, note.VerifierList(l.verifier))
	if err != nil {
		return 0, root, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != l.verifier.Name() {
		return 0, root, fmt.Errorf("origin is not %q", l.verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return 0, root, fmt.Errorf("size %q", lines[1])
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(raw) != tlog.HashSize {
		return 0, root, errors.New("root is not a hash")
	}
	copy(root[:], raw)
	if size > int64(len(l.entries)) {
		return 0, root, fmt.Errorf("size %d over %d entries", size, len(l.entries))
	}
	want, err := tlog.TreeHash(size, l)
	if err != nil {
		return 0, root, err
	}
	if size == 0 {
		want = sha256.Sum256(nil) // RFC 6962; older versions of tlog give zeroes
	}
	if want != root {
		return 0, root, fmt.Errorf("root at size %d differs", size)
	}
	return size, root, nil
}

func (l *log) proof(text string) error {
	head, rest, ok := strings.Cut(text, "\n")
	if !ok || head != "c2sp.org/tlog-proof@v1" {
		return errors.New("first line")
	}
	if strings.HasPrefix(rest, "extra ") {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	lines, note, ok := strings.Cut(rest, "\n\n")
	if !ok {
		return errors.New("no checkpoint")
	}
	fields := strings.Split(lines, "\n")
	index, err := strconv.ParseInt(strings.TrimPrefix(fields[0], "index "), 10, 64)
	if err != nil || fields[0] != fmt.Sprintf("index %d", index) || index < 0 || index >= int64(len(l.entries)) {
		return fmt.Errorf("line %q", fields[0])
	}
	var path tlog.RecordProof
	for _, line := range fields[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		path = append(path, h)
	}
	size, root, err := l.checkpoint([]byte(note))
	if err != nil {
		return err
	}
	return tlog.CheckRecord(path, size, root, index, tlog.RecordHash(l.entries[index]))
}

func (l *log) each(pattern string, check func(text []byte) error) (int, error) {
	names, err := filepath.Glob(pattern)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err == nil {
			err = check(text)
		}
		if err != nil {
			return 0, fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
	}
	return len(names), nil
}

func run(dir string) (string, error) {
	l := &log{}
	if err := l.load(dir); err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return "", err
	}
	size, _, err := l.checkpoint(text)
	if err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	if size != int64(len(l.entries)) {
		return "", fmt.Errorf("checkpoint of size %d, %d entries", size, len(l.entries))
	}
	older, err := l.each(filepath.Join(dir, "checkpoints", "*"), func(text []byte) error {
		_, _, err := l.checkpoint(text)
		return err
	})
	if err != nil {
		return "", err
	}
	proofs, err := l.each(filepath.Join(dir, "proofs", "*"), func(text []byte) error { return l.proof(string(text)) })
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("OK %d entries, %d earlier checkpoints, %d proofs", size, older, proofs), nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Println("FAIL usage: tlog_go DIR")
		os.Exit(1)
	}
	line, err := run(os.Args[1])
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
	fmt.Println(line)
}
