"""From a question to what each document says to it. Its only door is `qa.session`."""
