import doctest
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..engine.map import difference
from .common import JourneysCommon
from .test_map_apply import PIXEL
from .test_map_file import FileCommon


@tagged("post_install", "-at_install")
class TestMapVersion(FileCommon):
    """What was kept comes back; as it is beside as it shall be."""

    def test_doctests(self):
        self.assertFalse(doctest.testmod(difference).failed)

    def test_restore(self):
        self.apply(self.change("cell", "ad", image=PIXEL, persona=self.persona.id))
        before = self.plain(self.journey)
        touchpoint = self.part("cell", "shop").touchpoint_ids
        stage = self.part("stage", "buy")
        owner = self.journey.with_user(self.salesman)
        version = self.env["hc.journey.version"].browse(owner.hc_keep_version("Before the sale"))
        self.assertEqual((version.stage_count, version.card_count), (3, 4))
        self.apply(
            self.delete("stage", "buy"),
            self.change("cell", "ad", text="Changed", image=False, lane="do"),
            self.new("stage", "sub", name="Sub", parent="use"),
            self.new("cell", "more", stage="sub", lane="do", text="More"),
            self.new("lane", "own", kind="own"),
            {"do": "journey", "values": {"name": "Renamed", "personas": []}},
        )
        self.assertEqual(version.change_text, "3 added, 4 removed, 1 changed")
        known = self.journey.revision
        version.with_user(self.salesman).action_restore()
        self.assertEqual(self.plain(self.journey), before)
        self.assertEqual(self.journey.name, "Buying a coat")
        self.assertEqual(self.journey.persona_ids, self.persona)
        self.assertTrue(self.part("cell", "ad").image)
        # the same things, not new ones
        self.assertEqual(self.part("stage", "buy"), stage)
        self.assertEqual(self.part("cell", "shop").touchpoint_ids, touchpoint)
        self.assertTrue(touchpoint.active)
        self.assertFalse(self.journey.hc_changes(known).get("reload"))
        # and back again
        automatic = self.journey.version_ids.filtered("is_automatic")
        self.assertIn("Before the sale", automatic.name)
        automatic.action_restore()
        self.assertEqual(self.part("cell", "ad").text, "Changed")
        self.assertTrue(self.part("cell", "more").active)
        self.assertFalse(self.part("stage", "buy").active)

    def test_restore_what_is_gone(self):
        """A persona that was deleted meanwhile is nobody's; the rest comes back."""
        self.apply(self.change("cell", "ad", persona=self.other_persona.id))
        version = self.env["hc.journey.version"].browse(self.journey.hc_keep_version("v"))
        self.other_persona.unlink()
        self.apply(self.change("cell", "ad", text="Changed"))
        self.part("cell", "hope").unlink()
        version.action_restore()
        self.assertEqual(self.part("cell", "ad").text, "Ad")
        self.assertFalse(self.part("cell", "ad").persona_id)
        self.assertEqual(self.part("cell", "hope").feeling, 1)

    def test_rights(self):
        version = self.env["hc.journey.version"].browse(self.journey.hc_keep_version("v"))
        Version = self.env["hc.journey.version"]
        by_all = Version.with_user(self.seller_all).create(
            {"journey_id": self.journey.id, "name": "Mine", "content": {"stages": []}}
        )
        self.assertEqual(len(by_all.content["stages"]), 3)
        by_all.name = "Mine, renamed"
        for call in (
            lambda: version.with_user(self.seller_all).action_restore(),
            lambda: version.with_user(self.seller_all).unlink(),
            lambda: by_all.write({"content": {}}),
            lambda: version.with_user(self.stranger).action_restore(),
            lambda: version.with_user(self.portal).read(["name"]),
            lambda: Version.with_user(self.stranger).create({"journey_id": self.journey.id, "name": "x"}),
        ):  # fmt: skip
            with self.assertRaises(AccessError):
                call()
        for odd in (None, "", " ", 1, [], "x" * 201):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.journey.hc_keep_version(odd)
        self.assertTrue(self.journey.hc_keep_version("\0kept"))
        version.with_user(self.manager).action_restore()

    def test_words_of_others(self):
        """Who deletes what another has just written, unseen, leaves it in a version."""
        known = self.journey.revision
        self.apply(self.change("cell", "browse", text="Dear words"), user=self.seller_all)
        self.apply(self.delete("stage", "discover"), revision=known, user=self.salesman)
        [version] = self.journey.version_ids
        self.assertTrue(version.is_automatic)
        self.assertIn("Dear words", [cell["text"] for cell in version.content["cells"]])
        self.apply(self.delete("stage", "buy"), user=self.salesman)
        self.assertEqual(len(self.journey.version_ids), 1)

    def test_tidy(self):
        """What nobody brings back goes for good, with its pictures."""
        self.apply(self.change("cell", "ad", image=PIXEL))
        self.journey.hc_keep_version("v")
        self.apply(self.delete("stage", "discover"))
        stage, cell = self.part("stage", "discover"), self.part("cell", "ad")
        pictures = self.env["ir.attachment"].search(
            [("res_model", "=", "hc.journey.cell"), ("res_field", "=", "image"), ("res_id", "=", cell.id)]
        )  # fmt: skip
        self.assertTrue(pictures)
        known = self.journey.revision
        self.env["hc.journey.stage"]._gc_deleted()
        self.assertTrue(stage.exists())
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hc_journey_stage SET write_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=31), stage.id],
        )
        self.env.invalidate_all()
        self.env["hc.journey.stage"]._gc_deleted()
        self.assertFalse(stage.exists() or cell.exists() or pictures.exists())
        self.assertEqual(self.journey.hc_changes(known), {"reload": True})
        of_version = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "hc.journey.version"),
                ("res_id", "in", self.journey.version_ids.ids),
            ]
        )
        self.assertTrue(of_version)
        self.journey.unlink()
        self.assertFalse(of_version.exists())


@tagged("post_install", "-at_install")
class TestMapPair(JourneysCommon):
    def test_pair(self):
        action = self.journey.with_user(self.seller_all).action_hc_make_to_be()
        other = self.env["hc.journey"].browse(action["res_id"])
        self.assertEqual((other.time, other.counterpart_id), ("to_be", self.journey))
        self.assertEqual(self.journey.counterpart_id, other)
        self.assertEqual(self.journey.action_hc_make_to_be()["res_id"], other.id)
        self.assertEqual(
            self.journey.hc_map()["counterpart"],
            {"id": other.id, "name": other.name, "time": "to_be"},
        )
        same = self.journey.hc_difference()
        self.assertEqual((same["added"], same["removed"], same["changed"]), ([], [], []))
        self.apply(
            self.change("cell", "ad", text="No ad, a friend"),
            self.delete("cell", "browse"),
            self.new("cell", "wow", stage="use", lane="feel", text="Wow", feeling=2),
            self.change("stage", "use", position=0),
            self.change("cell", "shop", mode="assisted"),
            journey=other,
        )
        for journey in (self.journey, other):
            found = journey.hc_difference()
            self.assertEqual(
                (found["before"]["id"], found["after"]["id"]), (self.journey.id, other.id)
            )
            self.assertEqual(found["added"], [["cell", "wow"]])
            self.assertEqual(found["removed"], [["cell", "browse"]])
            changed = {(one["what"], one["uid"]): one["values"] for one in found["changed"]}
            self.assertEqual(
                changed,
                {
                    ("stage", "use"): {"position": [3.0, 0.0]},
                    ("cell", "ad"): {"text": ["Ad", "No ad, a friend"]},
                    ("cell", "shop"): {"mode": ["human", "assisted"]},
                },
            )  # fmt: skip
        other.unlink()
        self.assertFalse(self.journey.counterpart_id)
        with self.assertRaises(UserError):
            self.journey.hc_difference()

    def test_refused(self):
        other = self.env["hc.journey"].create({"name": "Other"})
        for counterpart in (self.journey, other):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.journey.counterpart_id = counterpart
        self.journey.time = "to_be"
        with self.assertRaises(UserError):
            self.journey.action_hc_make_to_be()
        with self.assertRaises(AccessError):
            self.journey.with_user(self.stranger).hc_difference()
