"""PDF files: from glyphs on pages to the blocks of a text. `document` joins what the others read."""
