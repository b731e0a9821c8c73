import random
from datetime import timedelta

from odoo import Command, api, fields, models

SEED = 11
COLLEAGUES = [
    ("Ada Brandt", "Shop"), ("Bram Visser", "Shop"), ("Chloé Martin", "Shop"), ("Dilan Yıldız", "Shop"),
    ("Elena Ruiz", "Shop"), ("Finn Larsen", "Shop"), ("Greta Hoffmann", "Shop"), ("Hugo Petit", "Shop"),
    ("Ines Costa", "Workshop"), ("Jakub Novák", "Workshop"), ("Katya Ivanova", "Workshop"),
    ("Leo Conti", "Workshop"), ("Maya Singh", "Workshop"), ("Noor Haddad", "Workshop"),
    ("Otto Weiss", "Workshop"), ("Pia Jansson", "Workshop"),
]  # fmt: skip
# days since it closed; how far colleagues agree, of 1; who answered; what they wrote
ROUNDS = [
    (98, 0.68, 12, [
        "Let me give a refund of up to 30 euros without asking first.",
        "We hear of late parcels from the customers, not from the carrier.",
        "Somebody should tell us what became of our suggestions.",
    ]),
    (7, 0.84, 14, [
        "The 30 euros on the spot are great. It should be the same in the workshop.",
        "More time for alterations on Saturdays.",
        "A list of what is in stock at the other place, on the phone.",
        "I like that we now read the comments of the week together.",
    ]),
]  # fmt: skip


class HcPulseDemo(models.AbstractModel):
    """Two rounds of asking the people of the demo shop how it is to work there. Nobody is sent anything.

    Only the demo data calls it (``demo/pulse/hc_pulse_demo.xml``). Answers go the way of real ones: they are
    shuffled, worked out when the round closes, and deleted.
    """

    _name = "hc.pulse.demo"
    _description = "Pulses of the Demo Shop"

    @api.model
    def _populate(self):
        chance = random.Random(SEED)
        for days, mood, answers, words in ROUNDS:
            self.sudo()._round(days, mood, answers, list(words), chance)

    def _round(self, days, mood, answers, words, chance):
        closed = fields.Date.today() - timedelta(days=days)
        pulse = self.env["hc.pulse"].create(
            {
                "name": self.env._(
                    "Pulse %(month)02d/%(year)s", month=closed.month, year=closed.year
                ),
                "company_id": self.env.ref("base.main_company").id,
                "invitation_ids": [
                    Command.create(
                        {
                            "name": name,
                            "email": f"{name.split()[0].lower()}@shop.example.com",
                            "team": team,
                            "state": "sent",
                        }
                    )
                    for name, team in COLLEAGUES
                ],
            }
        )
        pulse.write({"state": "open", "date_open": closed - timedelta(days=14)})
        half = answers // 2
        for team, number in (("Shop", answers - half), ("Workshop", half)):
            for _person in range(number):
                said = self._answers(pulse, mood, words, chance)
                self.env["hc.pulse.answer"]._mix_in(pulse, team, said)
        pulse._close()
        pulse.write({"date_close": closed, "is_published": True})

    def _answers(self, pulse, mood, words, chance):
        """Return what one colleague answers: ``[(question id, score or None, words or None)]``."""
        own = mood + chance.gauss(0, 0.14)
        answers = []
        for question in pulse.question_ids:
            scale = question._scale()
            if scale:
                low, high = scale
                place = min(max(own + chance.gauss(0.06, 0.12), 0), 1)
                answers.append((question.id, low + round(place * (high - low)), None))
            elif words:
                answers.append((question.id, None, words.pop()))
        return answers
