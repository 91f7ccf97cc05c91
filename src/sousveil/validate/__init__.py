"""Back-tests: the model's own public code, fed published inputs, held against published results."""
