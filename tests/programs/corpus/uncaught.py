# an error of its own class, raised from another, deep in helpers, in an async flow
import asyncio

from pocketflow import AsyncFlow, AsyncNode, Flow, Node


class ToolError(RuntimeError):
    pass


def parse(text):
    try:
        return int(text)
    except ValueError as error:
        raise ToolError(f"no number: {text}") from error


class Parse(Node):
    def prep(self, shared):
        return shared["text"]

    def exec(self, text):
        return parse(text)

    def exec_fallback(self, text, exc):
        print("giving up")
        raise exc


class Before(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        shared["text"] = "twelve"
        return "parse"


before = Before()
before - "parse" >> Flow(start=Parse(max_retries=2))
asyncio.run(AsyncFlow(start=before).run_async({}))
