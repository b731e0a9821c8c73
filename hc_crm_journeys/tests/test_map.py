from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import JourneysCommon


@tagged("post_install", "-at_install")
class TestMap(JourneysCommon):
    """What the editor reads and writes."""

    def test_map(self):
        shown = self.journey.hc_map()
        self.assertEqual([row["uid"] for row in shown["stages"]], ["discover", "buy", "use"])
        self.assertEqual([row["uid"] for row in shown["lanes"]], ["touch", "do", "feel"])
        self.assertEqual(shown["proofs"], {"count": 4, "assumed": 3, "some": 0, "validated": 1})
        self.assertEqual([row["name"] for row in shown["personas"]], ["Brenda Test"])
        self.assertTrue(shown["can_write"])
        self.assertEqual(shown["revision"], 1)
        shop = self.shown("cells", "shop")
        self.assertEqual(
            (shop["stage"], shop["lane"], shop["text"], shop["feeling"], shop["revision"]),
            ("buy", "touch", "Shop", None, 1),
        )
        touchpoint = shop["touchpoint"]
        self.assertEqual(
            (touchpoint["mode"], touchpoint["channel"], touchpoint["key"]),
            ("human", self.channel.id, False),
        )
        hope = self.shown("cells", "hope")
        self.assertEqual((hope["feeling"], hope["about"], hope["touchpoint"]), (1, "shop", False))
        self.assertEqual(
            [(row["from"], row["to"], row["is_two_way"]) for row in shown["links"]],
            [("ad", "shop", False)],
        )

    def test_rights(self):
        for user in (self.salesman, self.seller_all, self.manager):
            self.assertEqual(len(self.journey.with_user(user).hc_map()["cells"]), 4)
            self.apply(self.change("cell", "ad", text=f"Ad of {user.name}"), user=user)
            self.assertEqual(self.shown("cells", "ad")["text"], f"Ad of {user.name}")
        for user in (self.stranger, self.portal, self.public):
            journey = self.journey.with_user(user)
            for call in (
                journey.hc_map,
                lambda journey=journey: journey.hc_changes(0),
                lambda journey=journey: journey.hc_apply([], 1),
                lambda journey=journey: journey.cell_ids.sudo(False).mapped("text"),
            ):
                with self.assertRaises(AccessError):
                    call()
        self.assertFalse(self.env["hc.journey"].with_user(self.stranger).search([]) & self.journey)

    def test_owner_only(self):
        """Everybody edits; archiving, deleting and handing on is the owner's, or a manager's."""
        others = self.journey.with_user(self.seller_all)
        for call in (
            lambda: others.action_archive(),
            lambda: others.unlink(),
            lambda: others.write({"user_id": self.seller_all.id}),
        ):
            with self.assertRaises(AccessError):
                call()
        with self.assertRaises(AccessError):
            self.apply(
                {"do": "journey", "values": {"user": self.seller_all.id}}, user=self.seller_all
            )
        others.write({"name": "Renamed"})
        self.journey.with_user(self.salesman).action_archive()
        self.journey.with_user(self.manager).unlink()
        self.assertFalse(self.journey.exists())

    def test_gone(self):
        journey = self.journey
        journey.unlink()
        with self.assertRaises(UserError):
            journey.hc_map()

    def test_queries(self):
        """One read of a large map asks no more often than one of a small one."""
        stages = [self.new("stage", f"s{i}", name=f"Stage {i}", position=i) for i in range(30)]
        lanes = [
            self.new("lane", f"l{i}", kind="touchpoint" if i == 0 else "own", position=i)
            for i in range(15)
        ]
        improvement = self.env["hc.improvement"].create({"name": "Faster"})
        cells = [
            self.new(
                "cell", f"c{i}", stage=f"s{i % 30}", lane=f"l{i // 30 % 15}", text=f"Card {i}", position=i,
                user=self.salesman.id, improvement=improvement.id, persona=self.persona.id,
            )
            for i in range(1000)
        ]  # fmt: skip
        links = [
            self.new("link", f"k{i}", **{"from": f"c{i}", "to": f"c{i + 1}"}) for i in range(200)
        ]
        large = self.env["hc.journey"].create(
            {"name": "Large", "time": "to_be", "persona_ids": [(6, 0, self.persona.ids)]}
        )
        large.counterpart_id = self.journey
        self.journey.counterpart_id = large
        self.apply(*stages, *lanes, *cells, *links, journey=large)
        evidence = self.env["hc.journey.evidence"]
        evidence.create([{"cell_id": cell.id, "quote": "Yes"} for cell in large.cell_ids[:50]])
        large.with_user(self.salesman).hc_map()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            shown = large.with_user(self.salesman).hc_map()
        self.assertEqual(
            [len(shown[name]) for name in ("stages", "lanes", "cells", "links")],
            [30, 15, 1000, 200],
        )
        self.assertEqual(shown["cells"][0]["user"]["name"], "Sam Salesman")
        self.assertEqual(shown["cells"][0]["improvement"]["name"], "Faster")
        self.assertEqual(sum(cell["evidence_count"] for cell in shown["cells"]), 50)
