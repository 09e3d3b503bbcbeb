"""What the commands that keep a library safe do: look it over, back it up, bring it back."""

import argparse
from dataclasses import asdict

from ui.words import counted


def doctor(options: argparse.Namespace) -> int:
    """Tell what is well and what is not; 1 where anything is not."""
    from qa.doctor import Check, examine, repair
    from ui.meter import Meter
    from ui.terminal import print_json, safe

    checks: tuple[Check, ...] = ()
    if options.repair:
        with Meter("library") as progress:
            checks = repair(options.library, progress)
    checks += examine(options.library, options.reader)
    if options.json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            print(safe(f"{'ok' if check.well else 'NOT WELL':8} {check.what}: {check.told}"))
    return 0 if all(check.well for check in checks) else 1


def backup(options: argparse.Namespace) -> int:
    """Write a backup."""
    from qa.doctor import backup
    from ui.terminal import safe

    print(safe(f"{options.file}: {counted(backup(options.library, options.file), 'byte')}, as it was at one moment"))
    return 0


def restore(options: argparse.Namespace) -> int:
    """Bring a backup back."""
    from qa.doctor import restore
    from ui.terminal import safe

    print(safe(f"{counted(restore(options.file, options.library), 'document')} brought back, each as it was saved"))
    return 0
