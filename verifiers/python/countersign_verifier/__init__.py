"""A verifier of Countersign's proof bundles, written from docs/ alone. It opens files, never a connection."""
