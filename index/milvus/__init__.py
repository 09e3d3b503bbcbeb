"""A library on Milvus. `engine` is the door; `address` alone is imported before one is asked for."""
