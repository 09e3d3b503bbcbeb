"""What people are called before their names, as the rules for labels and for speakers know it."""

PERSONAL = (
    "Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Rev|Father|Sister|Hon|Sir|Dame|Lord|Lady|Judge|Justice|Senator|Sen|Gov|Gen"
    "|Col|Colonel|Capt|Captain|Lt|Sgt"
)
"""Alternatives of a pattern; nothing but a person is called so (there is a General Assembly, and a Major Road)."""
