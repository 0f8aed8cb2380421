"""An order pipeline: flows as nodes of a flow, one of them two levels deep.

Payment, inventory and shipping are flows of their own. A nested flow's last action chooses the edge that its
parent takes. It runs offline: `call_llm`, at the end, stands in for the model that writes to the customer.
"""

import time

from pocketflow import Flow, Node


class ValidatePayment(Node):
    def prep(self, shared):
        return shared["order"]["card"]

    def exec(self, card):
        return len(card.replace(" ", "")) == 16

    def post(self, shared, card, is_valid):
        shared["payment"] = {"valid": is_valid}
        return "valid" if is_valid else "declined"


class ChargeCard(Node):
    def prep(self, shared):
        return sum(item["price"] * item["quantity"] for item in shared["order"]["items"])

    def post(self, shared, total, exec_res):
        shared["payment"]["charged"] = total
        print(f"charged {total:.2f}")
        return "paid"


class DeclineCard(Node):
    def post(self, shared, prep_res, exec_res):
        shared["payment"]["charged"] = 0
        return "declined"


class CheckStock(Node):
    def prep(self, shared):
        return [item for item in shared["order"]["items"] if item["quantity"] > STOCK[item["name"]]]

    def post(self, shared, missing, exec_res):
        shared["missing"] = [item["name"] for item in missing]
        return "missing" if missing else "in stock"


class Backorder(Node):
    """Send what is there, and order the rest."""

    def post(self, shared, prep_res, exec_res):
        for item in shared["order"]["items"]:
            item["quantity"] = min(item["quantity"], STOCK[item["name"]])
        print(f"ordered again: {', '.join(shared['missing'])}")


class ReserveStock(Node):
    def post(self, shared, prep_res, exec_res):
        shared["reserved"] = {item["name"]: item["quantity"] for item in shared["order"]["items"]}
        return "reserved"


class PrintLabel(Node):
    def post(self, shared, prep_res, exec_res):
        shared["label"] = f"{shared['order']['customer']}, {shared['order']['city']}"


class AssignCarrier(Node):
    def prep(self, shared):
        return sum(shared["reserved"].values())

    def exec(self, pieces):
        return "parcel" if pieces < 10 else "freight"

    def post(self, shared, pieces, carrier):
        shared["carrier"] = carrier
        print(f"{pieces} pieces by {carrier} to {shared['label']}")


class WriteToCustomer(Node):
    def prep(self, shared):
        return shared["order"]["customer"], shared["carrier"], shared["missing"]

    def exec(self, inputs):
        customer, carrier, missing = inputs
        return call_llm(f"Tell {customer} that the order comes by {carrier}. Later: {', '.join(missing)}.")

    def post(self, shared, prep_res, letter):
        shared["letter"] = letter
        print(letter)


class Apologize(Node):
    def post(self, shared, prep_res, exec_res):
        print("the payment was declined")


def payment_flow():
    validate, charge, decline = ValidatePayment(), ChargeCard(), DeclineCard()
    validate - "valid" >> charge
    validate - "declined" >> decline
    return Flow(start=validate)  # ends with "paid", or with "declined"


def inventory_flow():
    check, backorder, reserve = CheckStock(), Backorder(), ReserveStock()
    check - "in stock" >> reserve
    check - "missing" >> backorder >> reserve
    return Flow(start=check)


def shipping_flow():
    label, carrier = PrintLabel(), AssignCarrier()
    label >> carrier
    return Flow(start=label)


def fulfilment_flow():
    inventory, shipping = inventory_flow(), shipping_flow()
    inventory - "reserved" >> shipping
    return Flow(start=inventory)


def order_pipeline():
    payment, fulfilment, letter, apology = payment_flow(), fulfilment_flow(), WriteToCustomer(), Apologize()
    payment - "paid" >> fulfilment >> letter
    payment - "declined" >> apology
    return Flow(start=payment)


STOCK = {"lamp": 2, "desk": 1}


def call_llm(prompt):
    """The offline stand-in: a model that is polite, and changes no word of what it is told."""
    time.sleep(0.2)
    return f"Dear {prompt.removeprefix('Tell ').replace(' that the', ', the', 1)}"


if __name__ == "__main__":
    order = {
        "customer": "Ada",
        "city": "London",
        "card": "4000 1234 5678 9010",
        "items": [
            {"name": "lamp", "price": 25.0, "quantity": 3},
            {"name": "desk", "price": 240.0, "quantity": 1},
        ],
    }
    pipeline = order_pipeline()
    pipeline.run({"order": order})
    pipeline.run({"order": {**order, "card": "4000 1234"}})
