from odoo.addons.hc_crm_surveys.tests.common import SurveysCommon


class JourneysCommon(SurveysCommon):
    """A small map, ``journey``: three stages × three lanes, four cards and an arrow.

    Things are known by uid: stages ``discover``, ``buy``, ``use``; lanes ``touch`` (touchpoints), ``do``, ``feel``;
    cards ``ad``, ``shop`` (touchpoints), ``browse``, ``hope``; the arrow ``ad-shop``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.env["hc.channel"].search([], limit=1)
        cls.persona, cls.other_persona = cls.env["hc.persona"].create(
            [{"name": "Brenda Test", "tagline": "In a hurry"}, {"name": "Marc Test"}]
        )
        cls.journey = cls.env["hc.journey"].create(
            {
                "name": "Buying a coat",
                "user_id": cls.salesman.id,
                "persona_ids": [(6, 0, cls.persona.ids)],
            }
        )
        cls.apply(
            cls.new("stage", "discover", name="Discover", position=1),
            cls.new("stage", "buy", name="Buy", position=2, standard_days=2),
            cls.new("stage", "use", name="Use", position=3),
            cls.new("lane", "touch", kind="touchpoint", position=1),
            cls.new("lane", "do", kind="action", position=2, line_after="interaction"),
            cls.new("lane", "feel", kind="emotion", position=3),
            cls.new(
                "cell", "ad", stage="discover", lane="touch", text="Ad", mode="automated", key="ad"
            ),
            cls.new(
                "cell", "shop", stage="buy", lane="touch", text="Shop", mode="human",
                channel=cls.channel.id, proof="validated",
            ),
            cls.new("cell", "browse", stage="discover", lane="do", text="Looks around"),
            cls.new(
                "cell", "hope", stage="buy", lane="feel", text="Hope", feeling=1, about="shop"
            ),
            cls.new("link", "ad-shop", **{"from": "ad", "to": "shop"}),
        )  # fmt: skip

    @staticmethod
    def new(_what, _uid, **values):
        return {"do": "create", "what": _what, "uid": _uid, "values": values}

    @staticmethod
    def change(_what, _uid, _base=None, **values):
        return {"do": "write", "what": _what, "uid": _uid, "values": values, "base": _base or {}}

    @staticmethod
    def delete(what, uid):
        return {"do": "delete", "what": what, "uid": uid}

    @classmethod
    def apply(cls, *commands, journey=None, revision=None, user=None, session=None):
        """Apply commands to the map, as ``user``, who by default knows its newest revision."""
        journey = journey or cls.journey
        if user:
            journey = journey.with_user(user)
        known = journey.revision if revision is None else revision
        return journey.hc_apply(list(commands), known, session)

    @classmethod
    def part(cls, what, uid, journey=None):
        return (
            cls.env[f"hc.journey.{what}"]
            .with_context(active_test=False)
            .search([("journey_id", "=", (journey or cls.journey).id), ("uid", "=", uid)])
        )

    @classmethod
    def shown(cls, parts, uid, journey=None, user=None):
        """Return how the map shows something, for example ``shown("cells", "ad")``."""
        journey = journey or cls.journey
        if user:
            journey = journey.with_user(user)
        return next((row for row in journey.hc_map()[parts] if row["uid"] == uid), None)
