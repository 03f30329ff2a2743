"""Codecs under fire: each module here names a codec's seeds and takes one input; `make fuzz` runs them in earnest."""
