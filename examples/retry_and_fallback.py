"""Retries and a fallback: a model that does not always answer what it was asked for.

`exec` asserts that an answer has the right form; a failing assertion is a failed attempt. After the last one
`exec_fallback` answers. It runs offline: `call_llm`, at the end, stands in for the model, and fails by plan.
"""

import json
import time

from pocketflow import BatchNode, Flow, Node


class ExtractInvoices(BatchNode):
    """One invoice for each text: the first is easy, the second takes a retry, the third is hopeless."""

    def prep(self, shared):
        return shared["texts"]

    def exec(self, text):
        reply = call_llm(f"Extract as JSON with name and amount: {text}")
        invoice = json.loads(reply)
        assert isinstance(invoice.get("amount"), int), f"no amount in {reply}"
        return invoice

    def exec_fallback(self, text, error):
        print(f"gave up on {text!r}: {type(error).__name__}")
        return {"name": text.split()[0], "amount": None, "error": str(error)}

    def post(self, shared, texts, invoices):
        shared["invoices"] = invoices
        return "all there" if all(invoice["amount"] is not None for invoice in invoices) else "incomplete"


class Total(Node):
    def prep(self, shared):
        return [invoice["amount"] for invoice in shared["invoices"] if invoice["amount"] is not None]

    def exec(self, amounts):
        return sum(amounts)

    def post(self, shared, amounts, total):
        shared["total"] = total
        print(f"{len(amounts)} invoices, {total} in total")


class AskHuman(Node):
    def post(self, shared, prep_res, exec_res):
        shared["to_check"] = [invoice for invoice in shared["invoices"] if invoice["amount"] is None]
        print(f"to be checked by hand: {', '.join(invoice['name'] for invoice in shared['to_check'])}")


def create_flow():
    extract, total, ask = ExtractInvoices(max_retries=3, wait=0.1), Total(), AskHuman()
    extract - "all there" >> total
    extract - "incomplete" >> ask >> total
    return Flow(start=extract)


# The offline stand-in: a model that answers by a list. What is asked more often than answered fails again.

REPLIES = {
    "Tea": ['{"name": "Tea", "amount": 12}'],
    "Salt": ["Sure! Here is the JSON you asked for:", '{"name": "Salt", "amount": 30}'],
    "Silk": ['{"name": "Silk"}', '{"name": "Silk", "amount": "a lot"}', '{"name": "Silk"}'],
}


def call_llm(prompt):
    time.sleep(0.1)
    return REPLIES[prompt.split(": ")[1].split()[0]].pop(0)


if __name__ == "__main__":
    texts = ["Tea for 12", "Salt for 30", "Silk at the usual price"]
    create_flow().run({"texts": texts})
