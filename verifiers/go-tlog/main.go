// Command go-tlog opens logs that are served as C2SP tlog-tiles with the client of the Go checksum database
// (golang.org/x/mod/sumdb/tlog and note), which knows nothing of Countersign.
//
// For each prefix, in the order given, it opens the signed checkpoint, reads every entry bundle and computes the root from the
// entries alone, checks inclusion of the first, the last and random entries through tiles, and checks that the tree extends that of
// the prefix before. It prints counts as JSON, or what does not hold on standard error with exit code 1.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	bodyMax    = 1 << 25
)

// A summary counts what was checked.
type summary struct {
	Trees       int   `json:"trees"`
	Entries     int64 `json:"entries"`
	Inclusion   int   `json:"inclusion"`
	Consistency int   `json:"consistency"`
	Tiles       int   `json:"tiles"`
}

func main() {
	base := flag.String("base", "", "URL that the prefixes stand below")
	vkey := flag.String("vkey", "", "verifier key of the log")
	samples := flag.Int("samples", 50, "random entries whose inclusion is checked, for each tree")
	seed := flag.Int64("seed", 1, "seed of the random entries")
	flag.Parse()
	counts, err := checkAll(*base, *vkey, flag.Args(), *samples, rand.New(rand.NewSource(*seed)))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(counts); err != nil {
		os.Exit(1)
	}
}

func checkAll(base, vkey string, prefixes []string, samples int, random *rand.Rand) (summary, error) {
	var counts summary
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return counts, fmt.Errorf("verifier key: %w", err)
	}
	before := tlog.Tree{}
	for _, prefix := range prefixes {
		log := &served{url: base + "/" + prefix, counts: &counts}
		tree, err := log.open(verifier)
		if err != nil {
			return counts, fmt.Errorf("%s: checkpoint: %w", prefix, err)
		}
		if err := log.checkTree(tree, before, samples, random); err != nil {
			return counts, fmt.Errorf("%s: %w", prefix, err)
		}
		counts.Trees++
		before = tree
	}
	return counts, nil
}

// A served log is read over HTTP; it is the tlog.TileReader of that log.
type served struct {
	url    string
	counts *summary
}

func (log *served) checkTree(tree, before tlog.Tree, samples int, random *rand.Rand) error {
	entries, err := log.readEntries(tree.N)
	if err != nil {
		return fmt.Errorf("entries: %w", err)
	}
	if err := checkRoot(tree, entries); err != nil {
		return err
	}
	log.counts.Entries += tree.N
	hashes := tlog.TileHashReader(tree, log)
	indexes := []int64{0, tree.N - 1}
	for range samples {
		indexes = append(indexes, random.Int63n(tree.N))
	}
	for _, index := range indexes {
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			return fmt.Errorf("proof of entry %d: %w", index, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entries[index])); err != nil {
			return fmt.Errorf("inclusion of entry %d: %w", index, err)
		}
		log.counts.Inclusion++
	}
	if before.N == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(tree.N, before.N, hashes)
	if err != nil {
		return fmt.Errorf("proof from size %d: %w", before.N, err)
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash); err != nil {
		return fmt.Errorf("consistency with size %d: %w", before.N, err)
	}
	log.counts.Consistency++
	return nil
}

func (log *served) open(verifier note.Verifier) (tlog.Tree, error) {
	text, err := log.get("checkpoint", "text/plain; charset=utf-8")
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("is not of three lines under %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("root is no hash")
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, nil
}

// readEntries reads all entry bundles of a tree.
func (log *served) readEntries(size int64) ([][]byte, error) {
	var entries [][]byte
	for from := int64(0); from < size; from += tileWidth {
		width := int(min(tileWidth, size-from))
		bundle, err := log.get(tilePath(tlog.Tile{H: tileHeight, L: 0, N: from / tileWidth, W: width}, "entries"), "application/octet-stream")
		if err != nil {
			return nil, err
		}
		for range width {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("bundle of entry %d is cut off", from)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			entries = append(entries, bundle[2:end])
			bundle = bundle[end:]
		}
		if len(bundle) > 0 {
			return nil, fmt.Errorf("bundle of entry %d holds more than %d entries", from, width)
		}
	}
	return entries, nil
}

// checkRoot computes the root from the entries alone.
func checkRoot(tree tlog.Tree, entries [][]byte) error {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for at, index := range indexes {
			hashes[at] = stored[index]
		}
		return hashes, nil
	})
	for index, entry := range entries {
		hashes, err := tlog.StoredHashes(int64(index), entry, reader)
		if err != nil {
			return err
		}
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return err
	}
	if !bytes.Equal(root[:], tree.Hash[:]) {
		return fmt.Errorf("the entries do not hash to the signed root of size %d", tree.N)
	}
	return nil
}

// Height is that of C2SP tlog-tiles.
func (log *served) Height() int { return tileHeight }

// ReadTiles fetches tiles; tlog checks them against the tree's root.
func (log *served) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		hashes, err := log.get(tilePath(tile, strconv.Itoa(tile.L)), "application/octet-stream")
		if err != nil {
			return nil, err
		}
		log.counts.Tiles++
		all = append(all, hashes)
	}
	return all, nil
}

// SaveTiles keeps nothing.
func (log *served) SaveTiles([]tlog.Tile, [][]byte) {}

// tilePath is the path of C2SP tlog-tiles: that of the checksum database without the tile height.
func tilePath(tile tlog.Tile, level string) string {
	_, index, _ := strings.Cut(strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight)), "/")
	return "tile/" + level + "/" + index
}

func (log *served) get(path, contentType string) ([]byte, error) {
	response, err := http.Get(log.url + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyMax))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	if got := response.Header.Get("Content-Type"); got != contentType {
		return nil, fmt.Errorf("%s: content type %q", path, got)
	}
	return body, nil
}
