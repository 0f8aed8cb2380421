"""Makes docs/screen.svg, the picture in the README, of the real screen: python docs/picture.py"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEYS = ("n",) * 6


async def main() -> None:
    from flowscope.session.launch import LaunchSpec
    from flowscope.tui.app import FlowScope
    from flowscope.tui.debugger import Debugger

    debugger = Debugger.of(LaunchSpec(script="examples/agent.py"))
    debugger.breakpoints.add("AnswerQuestion", keep=False)
    await debugger.start()
    app = FlowScope(debugger)
    async with app.run_test(size=(136, 40)) as pilot:
        while not debugger.is_stopped:
            await pilot.pause(0.05)
        for key in KEYS:
            await pilot.press(key)
            while debugger.stepping or not debugger.is_stopped:
                await pilot.pause(0.05)
        await pilot.pause(0.5)
        picture = app.export_screenshot(title="flowscope examples/agent.py")
    # No font from the network: the reader's own monospace one does.
    picture = re.sub(r"@font-face\s*{.*?}", "", picture, flags=re.DOTALL)
    (ROOT / "docs" / "screen.svg").write_text(picture.replace("Fira Code", "monospace"))


if __name__ == "__main__":
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        asyncio.run(main())
