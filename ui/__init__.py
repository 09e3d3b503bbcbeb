"""What people meet: the web page and the command line, two front ends of one session.

Asks `qa.session` and shows what it says; it reads no file of a library and ranks nothing.
"""
