from odoo import api, models
from odoo.tools import format_date

OPENERS = 2


class HcToday(models.AbstractModel):
    _inherit = "hc.today"

    @api.model
    def _today_openers(self, partner, text=None):
        """Return two ways to begin the talk.

        What the plan says comes first, line by line; then what lies between the customer and us, the
        hardest first; and there is always a plain beginning. Nothing is put into their mouth: notes of
        ours are named as where it comes from, never quoted to them.

        :param text: what to say, as the plan has it
        :return: ``[{"text", "source"}]``
        """
        openers = [
            {"text": line.strip(), "source": ""}
            for line in (text or "").splitlines()
            if line.strip()
        ]
        if len(openers) < OPENERS and partner:
            openers += self._today_openers_known(partner)
        return openers[:OPENERS]

    @api.model
    def _today_openers_known(self, partner):
        openers = []

        def add(text, source=""):
            openers.append({"text": text, "source": source})

        late = partner._hc_brief_promises().filtered("is_late")[:1]
        if late:
            add(
                self.env._(
                    "“We owe you something, and it is late. I am calling to put that right.”"
                ),
                self.env._("Late promise: %(what)s", what=late.summary),
            )
        feeling = partner._hc_brief_feeling()
        if feeling and partner._hc_days_ago(feeling["date"]) <= 90 and feeling["value"]:
            source = f"{feeling['source_label']}, {format_date(self.env, feeling['date'])}"
            if feeling["title"]:
                source += f": {feeling['title']}"
            if feeling["value"] < 0:
                add(
                    self.env._("“The last time not everything was right. How is it for you now?”"),
                    source,
                )
            else:
                add(self.env._("“You were happy the last time. Is it still so?”"), source)
        contacts = partner._hc_brief_contacts()
        if contacts:
            last = contacts[0]
            add(
                self.env._(
                    "“We last spoke in %(month)s. How have things gone since?”",
                    month=format_date(self.env, last["date"], date_format="LLLL"),
                )
                if partner._hc_days_ago(last["date"]) > 31
                else self.env._("“We were in touch a few days ago. How have things gone since?”"),
                self.env._(
                    "Last contact, %(day)s: %(what)s",
                    day=format_date(self.env, last["date"]),
                    what=last["title"] or last["preview"] or "",
                ),
            )
        trait = partner.persona_id.trait_ids.filtered(lambda t: t.kind == "do")[:1]
        add(
            self.env._("“Good day, this is %(me)s. Is this a good moment?”", me=self.env.user.name),
            self.env._(
                "Persona %(name)s: %(trait)s", name=partner.persona_id.name, trait=trait.name
            )
            if trait
            else "",
        )
        add(self.env._("“I just wanted to ask how you are, and whether anything is missing.”"))
        return openers
