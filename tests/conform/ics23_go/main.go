// Checks state proofs with the published ICS-23 verifier (github.com/cosmos/ics23/go, SmtSpec), which shares no code with ours.
//
//	ics23_go FILE
//
// A line of FILE: root, key, value or "-" (absence), proof; hex. Each proof must be accepted as it is, and refused with its last
// byte changed, for another value and for the opposite claim.
//
// Prints one line, "OK ..." or "FAIL ...", and exits 0 or 1.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	ics23 "github.com/cosmos/ics23/go"
)

func verify(root, key, value, proof []byte) bool {
	var p ics23.CommitmentProof
	if p.Unmarshal(proof) != nil {
		return false
	}
	if value == nil {
		return ics23.VerifyNonMembership(ics23.SmtSpec, root, &p, key)
	}
	return ics23.VerifyMembership(ics23.SmtSpec, root, &p, key, value)
}

func changed(b []byte) []byte {
	c := append([]byte{}, b...)
	c[len(c)-1] ^= 1
	return c
}

func check(line string) (absent bool, err error) {
	fields := strings.Fields(line)
	if len(fields) != 4 {
		return false, fmt.Errorf("%d fields", len(fields))
	}
	var part [4][]byte
	for i, f := range fields {
		if f == "-" && i == 2 {
			continue
		}
		if part[i], err = hex.DecodeString(f); err != nil {
			return false, err
		}
	}
	root, key, value, proof := part[0], part[1], part[2], part[3]
	absent = value == nil
	if !verify(root, key, value, proof) {
		return absent, fmt.Errorf("proof refused, absence %t", absent)
	}
	other := make([]byte, 32)
	if !absent {
		other = changed(value)
	}
	if verify(root, key, value, changed(proof)) || verify(changed(root), key, value, proof) || verify(root, key, other, proof) ||
		(!absent && verify(root, key, nil, proof)) {
		return absent, fmt.Errorf("a wrong proof accepted, absence %t", absent)
	}
	return absent, nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Println("FAIL usage: ics23_go FILE")
		os.Exit(1)
	}
	f, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	count := map[bool]int{}
	for lines.Scan() {
		absent, err := check(lines.Text())
		if err != nil {
			fmt.Printf("FAIL line %d: %v\n", count[true]+count[false]+1, err)
			os.Exit(1)
		}
		count[absent]++
	}
	if count[true] == 0 || count[false] == 0 {
		fmt.Println("FAIL too few lines")
		os.Exit(1)
	}
	fmt.Printf("OK %d present, %d absent\n", count[false], count[true])
}
