import base64
from contextlib import suppress
from itertools import product
from unittest.mock import patch

from odoo import models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import JourneysCommon

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
ODD = (
    None, True, "\ud800", -3, 2**31, 10**400, 1.5, float("nan"), float("inf"), "x", "\x00", "", [], ["x"], [None], [{}],
    [-1], [2**40], {}, {"\x00": {}}, {"id": []}, {"id": 10**30}, [[1, 2]], "<script>alert(1)</script>",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestMapApply(JourneysCommon):
    """Batches of commands: what is stored, what is asked back, what is refused."""

    def text(self, uid):
        return self.part("cell", uid).text

    # what is stored
    def test_create_again(self):
        """A request whose answer was lost is sent again: nothing doubles, nobody's later words go."""
        made = self.new("cell", "new", stage="use", lane="do", text="Wears it")
        for _ in range(2):
            result = self.apply(made, user=self.salesman)
            self.assertEqual(result["clashes"], [])
        self.assertEqual(len(self.part("cell", "new")), 1)
        revision = self.journey.revision
        self.assertEqual(self.apply(made, user=self.salesman)["revision"], revision)
        self.apply(self.change("cell", "new", text="Wears it daily"), user=self.seller_all)
        [clash] = self.apply(made, user=self.salesman)["clashes"]
        self.assertEqual(
            (clash["field"], clash["theirs"], clash["mine"], clash["by"]),
            ("text", "Wears it daily", "Wears it", "Ada Alldocs"),
        )
        self.assertEqual(self.text("new"), "Wears it daily")

    def test_any_order(self):
        """A card may come before its stage, a sub-stage before what it is part of."""
        self.apply(
            self.new("link", "k", **{"from": "c", "to": "ad"}),
            self.new("cell", "c", stage="sub", lane="new", text="Card"),
            self.new("stage", "sub", name="Sub", parent="top"),
            self.new("stage", "top", name="Top"),
            self.new("lane", "new", kind="own", name="Weather"),
        )
        cell = self.part("cell", "c")
        self.assertEqual((cell.stage_id.parent_id.name, cell.lane_id.name), ("Top", "Weather"))
        self.assertEqual(self.part("link", "k").from_id, cell)
        self.apply(self.change("stage", "sub", {"parent": "top"}, parent=False))
        self.assertFalse(cell.stage_id.parent_id)

    def test_made_and_deleted(self):
        self.apply(
            self.new("stage", "brief", name="Brief"),
            self.new("cell", "brief", stage="brief", lane="do", text="Gone"),
            self.delete("stage", "brief"),
        )
        self.assertFalse(self.part("stage", "brief") or self.part("cell", "brief"))

    def test_delete_and_undo(self):
        """What a stage takes with it comes back with it, the touchpoint's record and picture included."""
        self.apply(self.change("cell", "shop", image=PIXEL))
        before = self.journey.hc_map()
        touchpoint = self.part("cell", "shop").touchpoint_ids
        shop = self.shown("cells", "shop")
        self.assertIn("/web/image/hc.journey.cell/", shop["image"])
        self.apply(self.delete("stage", "buy"))
        after = self.journey.hc_map()
        self.assertEqual({row["uid"] for row in after["cells"]}, {"ad", "browse"})
        self.assertEqual(after["links"], [])
        self.assertFalse(touchpoint.active)
        self.assertFalse(
            self.env["hc.journey.touchpoint"].search([("journey_id", "=", self.journey.id)])
            & touchpoint
        )
        values = {
            name: shop[name] for name in ("stage", "lane", "position", "text", "proof", "image")
        }
        self.apply(
            self.new("stage", "buy", name="Buy", position=2, standard_days=2),
            self.new(
                "cell", "shop", **values, mode="human", channel=self.channel.id, key=None
            ),
            self.new("cell", "hope", stage="buy", lane="feel", text="Hope", feeling=1, about="shop"),
            self.new("link", "ad-shop", **{"from": "ad", "to": "shop"}),
        )  # fmt: skip

        def plain(shown):
            return {
                part: [{k: v for k, v in row.items() if k != "revision"} for row in shown[part]]
                for part in ("stages", "lanes", "cells", "links")
            }

        self.assertEqual(plain(self.journey.hc_map()), plain(before))
        self.assertTrue(touchpoint.active)

    def test_touchpoint_follows(self):
        """A card is a touchpoint while its lane is one of touchpoints."""
        touchpoint = self.part("cell", "shop").touchpoint_ids
        self.apply(self.change("cell", "shop", lane="do"))
        self.assertFalse(touchpoint.active)
        self.assertFalse(self.shown("cells", "shop")["touchpoint"])
        self.apply(self.change("lane", "do", kind="touchpoint"))
        self.assertTrue(touchpoint.active)
        self.assertEqual(touchpoint.mode, "human")
        self.assertTrue(self.part("cell", "browse").touchpoint_ids.active)
        self.apply(self.change("cell", "browse", mode="assisted", key="look"))
        self.assertEqual(self.shown("cells", "browse")["touchpoint"]["key"], "look")
        self.assertEqual(self.part("cell", "browse").touchpoint_ids.name, "Looks around")

    def test_feelings(self):
        self.apply(self.change("cell", "hope", feeling=0, feeling_other=-2))
        shown = self.shown("cells", "hope")
        self.assertEqual((shown["feeling"], shown["feeling_other"]), (0, -2))
        self.apply(self.change("cell", "hope", feeling=None, feeling_other=None))
        shown = self.shown("cells", "hope")
        self.assertEqual((shown["feeling"], shown["feeling_other"]), (None, None))

    def test_divided_stage(self):
        """Who writes into a stage that somebody divides meanwhile finds the card in its first sub-stage."""
        self.apply(
            self.new("stage", "late", name="Pay", parent="buy", position=2),
            self.new("stage", "early", name="Choose", parent="buy", position=1),
            self.change("cell", "hope", stage="late"),
        )
        self.assertEqual(self.part("cell", "shop").stage_id.uid, "early")
        self.assertEqual(self.part("cell", "hope").stage_id.uid, "late")
        result = self.apply(self.new("cell", "more", stage="buy", lane="do", text="Pays"))
        self.assertTrue(result["missed"])
        self.assertEqual(self.shown("cells", "more")["stage"], "early")

    def test_html_is_text(self):
        text = "<img src=x onerror=alert(1)>\0&amp;"
        self.apply(self.change("cell", "ad", text=text))
        self.assertEqual(self.shown("cells", "ad")["text"], text.replace("\0", ""))

    def test_head(self):
        self.apply(
            {
                "do": "journey",
                "values": {
                    "name": "Coats", "scenario": "Cold", "personas": [self.other_persona.id],
                    "review_date": "2020-01-31", "user": {"id": self.manager.id, "name": "x"},
                },
            },
            user=self.salesman,
        )  # fmt: skip
        shown = self.journey.hc_map()
        self.assertEqual(
            (shown["name"], shown["scenario"], shown["is_stale"], shown["user"]["name"]),
            ("Coats", "Cold", True, "Mara Manager"),
        )
        self.assertEqual([row["name"] for row in shown["personas"]], ["Marc Test"])
        [clash] = self.apply(
            {"do": "journey", "values": {"name": "Mine"}, "base": {"name": "Buying a coat"}}
        )["clashes"]
        self.assertEqual((clash["what"], clash["theirs"]), ("journey", "Coats"))
        self.assertEqual(self.journey.name, "Coats")

    # two people
    def test_clash(self):
        known = self.journey.revision
        self.apply(
            self.change("cell", "ad", {"text": "Ad"}, text="Ad on the bus"), user=self.seller_all
        )
        result = self.apply(
            self.change(
                "cell", "ad", {"text": "Ad", "is_pain": False}, text="Advert", is_pain=True
            ),
            self.change("cell", "ad", {"position": 5}, position=7),
            revision=known,
            user=self.salesman,
        )
        self.assertTrue(result["missed"])
        self.assertEqual(
            result["clashes"],
            [
                {
                    "what": "cell", "uid": "ad", "field": "text", "theirs": "Ad on the bus",
                    "mine": "Advert", "by": "Ada Alldocs",
                }
            ],
        )  # fmt: skip
        cell = self.part("cell", "ad")
        self.assertEqual((cell.text, cell.is_pain, cell.position), ("Ad on the bus", True, 7))
        same = self.apply(self.change("cell", "ad", {"text": "Ad"}, text="Ad on the bus"))
        self.assertEqual((same["clashes"], same["missed"]), ([], False))

    def test_clash_gone(self):
        self.apply(self.delete("cell", "ad"), user=self.seller_all)
        result = self.apply(
            self.change("cell", "ad", text="My words"),
            self.change("cell", "never", text="Other words"),
            self.change("cell", "shop", text="Stored"),
        )
        self.assertEqual(
            [(clash["uid"], clash["gone"], clash["mine"]) for clash in result["clashes"]],
            [("ad", True, {"text": "My words"}), ("never", True, {"text": "Other words"})],
        )
        self.assertEqual(self.text("shop"), "Stored")

    def test_stage_gone_meanwhile(self):
        """What somebody writes into a stage that another deletes meanwhile goes back to them."""
        self.apply(self.delete("stage", "use"), user=self.seller_all)
        result = self.apply(
            self.new("cell", "lost", stage="use", lane="do", text="Dear words"),
            self.change("cell", "ad", stage="use", text="Stays"),
        )
        lost, moved = result["clashes"]
        self.assertEqual(
            (lost["uid"], lost["gone"], lost["mine"]["text"]), ("lost", True, "Dear words")
        )
        self.assertEqual(
            (moved["field"], moved["theirs"], moved["by"]), ("stage", "discover", "Ada Alldocs")
        )
        self.assertFalse(self.part("cell", "lost"))
        cell = self.part("cell", "ad")
        self.assertEqual((cell.stage_id.uid, cell.text), ("discover", "Stays"))

    def test_changes(self):
        known = self.journey.revision
        self.assertEqual(self.journey.hc_changes(known)["set"]["cells"], [])
        self.apply(
            self.change("cell", "browse", text="Strolls"),
            self.new("stage", "love", name="Love", position=9),
            self.delete("cell", "ad"),
            {"do": "journey", "values": {"scenario": "Winter"}},
        )
        changes = self.journey.with_user(self.seller_all).hc_changes(known)
        self.assertEqual(changes["revision"], known + 1)
        self.assertEqual([row["text"] for row in changes["set"]["cells"]], ["Strolls"])
        self.assertEqual([row["uid"] for row in changes["set"]["stages"]], ["love"])
        self.assertCountEqual(changes["gone"], [["cell", "ad"], ["link", "ad-shop"]])
        self.assertEqual(changes["journey"]["scenario"], "Winter")
        for odd in (-1, known + 2, *ODD):
            self.assertEqual(self.journey.hc_changes(odd), {"reload": True}, odd)

    def test_changed_outside(self):
        """What changes in a list, or is deleted for good, is heard of as well."""
        known = self.journey.revision
        self.part("stage", "buy").with_user(self.salesman).write({"standard_days": 5})
        [stage] = self.journey.hc_changes(known)["set"]["stages"]
        self.assertEqual((stage["uid"], stage["standard_days"]), ("buy", 5))
        known = self.journey.revision
        self.journey.with_user(self.salesman).scenario = "Snow"
        self.assertEqual(self.journey.hc_changes(known)["journey"]["scenario"], "Snow")
        self.assertGreater(self.journey.revision, known)
        known = self.journey.revision
        self.part("cell", "ad").unlink()
        self.assertEqual(self.journey.hc_changes(known), {"reload": True})
        self.assertGreater(self.journey.revision, known)

    def test_bus(self):
        sent = []
        with patch.object(
            type(self.env["bus.bus"]), "_sendone", lambda _self, *args: sent.append(args)
        ):
            self.apply(self.change("cell", "ad", text="New"), user=self.salesman, session="tab 1")
            self.apply(self.change("cell", "ad", text="New"), user=self.salesman, session="tab 1")
        [(channel, kind, payload)] = sent
        self.assertEqual(channel, self.journey)
        self.assertEqual(kind, "hc_crm_journeys.map/changed")
        self.assertEqual(
            payload,
            {
                "journey": self.journey.id, "revision": self.journey.revision,
                "by": self.salesman.id, "session": "tab 1",
            },
        )  # fmt: skip

    def test_bus_listeners(self):
        def channels(user):
            # the host asks for the current request's guest
            with patch(
                "odoo.addons.bus.models.ir_websocket.IrWebsocket._build_bus_channel_list",
                lambda _self, given: given,
            ):
                websocket = self.env["ir.websocket"].with_user(user)
                return websocket._build_bus_channel_list([f"hc.journey_{self.journey.id}", "other"])

        def maps(user):
            return [
                channel
                for channel in channels(user)
                if (
                    channel._name if isinstance(channel, models.Model) else str(channel)
                ).startswith("hc.journey")
            ]

        self.assertEqual(maps(self.salesman), [self.journey])
        self.assertEqual(maps(self.stranger), [])
        self.assertEqual(maps(self.portal), [])

    # what is refused
    def refused(self, message, *commands):
        before = self.journey.hc_map()
        with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
            self.apply(self.change("cell", "ad", text="Must not stay"), *commands)
        self.env.invalidate_all()
        self.assertEqual(self.journey.hc_map(), before)

    def test_refused(self):
        other = self.env["hc.journey"].create({"name": "Other"})
        self.apply(self.new("stage", "elsewhere", name="Elsewhere"), journey=other)
        for message, command in (
            ("Stage “Buy”: it cannot be part of itself", self.change("stage", "buy", parent="buy")),
            ("not on this map", self.change("cell", "shop", stage="elsewhere")),
            ("Card, Text: 10001 characters", self.change("cell", "shop", text="x" * 10_001)),
            ("Card, Feeling: .* from -2 to 2", self.change("cell", "shop", feeling=3)),
            ("Card, Moment of Truth: .* yes or no", self.change("cell", "shop", is_truth="yes")),
            ("Lane, Kind: “nonsense” is none of touchpoint", self.change("lane", "do", kind="nonsense")),
            ("Lane, Kind: “” is none of", self.change("lane", "do", kind=None)),
            ("there is nothing called “texts”. It has: stage", self.change("cell", "shop", texts="x")),
            ("Card, Owner: it is no longer there", self.change("cell", "shop", user=self.portal.id)),
            ("Card, Owner: it is no longer there", self.change("cell", "shop", user=self.stranger.id)),
            ("Card, Persona: .*Choose another", self.change("cell", "shop", persona=2**31 - 1)),
            ("Card, Picture|Card, Image: give a picture", self.change("cell", "shop", image="PHN2Zz4=")),
            ("Card “c”: say in which stage", self.new("cell", "c", lane="do")),
            ("Arrow: it leads from one card to another", self.new("link", "k", **{"from": "ad", "to": "ad"})),
            ("“a b” is none", self.new("cell", "a b", stage="buy", lane="do")),
            ("about a stage, lane, cell or link", self.new("map", "a")),
            ("does create, write, delete or journey", {"do": "drop", "what": "cell", "uid": "ad"}),
            ("Name: give the map a name", {"do": "journey", "values": {"name": "  "}}),
            ("Journey, .*give a day as", {"do": "journey", "values": {"review_date": "soon"}}),
            ("Journey, Personas: it is no longer", {"do": "journey", "values": {"personas": [2**31 - 1]}}),
            ("Stage, Name: 301 characters", self.change("stage", "buy", name="x" * 301)),
            ("Stage, Position: .* number", self.change("stage", "buy", position=float("nan"))),
        ):  # fmt: skip
            with self.subTest(message=message):
                self.refused(message, command)
        self.refused(
            "cannot be part of itself",
            self.new("stage", "one", name="One", parent="two"),
            self.new("stage", "two", name="Two", parent="one"),
        )

    def test_too_many(self):
        with self.assertRaisesRegex(ValidationError, "at most 5000 commands"):
            self.apply(*[self.delete("cell", "x")] * 5001)
        with self.assertRaisesRegex(ValidationError, "500 is the most on one map"):
            self.apply(*[self.new("stage", f"s{number}") for number in range(500)])

    def test_odd_input(self):
        """Nothing odd ends in anything but words for whoever sent it, and nothing of it is stored."""
        from ..models.map.journey_values import HEAD
        from ..models.map.wire import WIRE

        commands = [
            *ODD,
            *({"do": odd} for odd in ODD),
            *({"do": "write", "what": odd, "uid": "ad"} for odd in ODD),
            *({"do": "write", "what": "cell", "uid": odd} for odd in ODD),
            *({"do": "write", "what": "cell", "uid": "ad", "values": odd} for odd in ODD),
            *(
                {"do": "write", "what": "cell", "uid": "ad", "values": {"text": "x"}, "base": odd}
                for odd in ODD
            ),
            *({"do": "journey", "values": {name: odd}} for name, odd in product(HEAD, ODD)),
        ]
        targets = {"stage": "buy", "lane": "do", "cell": "shop", "link": "ad-shop"}
        for what, names in WIRE.items():
            commands += [
                self.change(what, targets[what], **{name: odd}) for name, odd in product(names, ODD)
            ]
            commands += [
                self.change(what, targets[what], {name: odd}, **{name: odd})
                for name, odd in product(names, ODD)
            ]
        journey = self.journey.with_user(self.salesman)
        for command in commands:
            with self.env.cr.savepoint() as savepoint:
                try:
                    journey.hc_apply([command], 1)
                    journey.hc_map()
                except (ValidationError, UserError, AccessError) as error:
                    self.assertTrue(error.args[0])
                except Exception as error:
                    raise AssertionError(f"{command!r}: {error!r}") from error
                finally:
                    savepoint.rollback()
            self.env.invalidate_all()
        for odd in ODD:
            for arguments in ((odd, 1), ([], odd), ([], 1, odd)):
                with suppress(ValidationError, UserError):
                    journey.hc_apply(*arguments)

    def test_picture(self):
        self.apply(self.change("cell", "ad", image=PIXEL))
        self.assertTrue(base64.b64decode(self.part("cell", "ad").image))
        url = self.shown("cells", "ad")["image"]
        revision = self.journey.revision
        self.apply(self.change("cell", "ad", image=url))
        self.assertEqual(self.journey.revision, revision)
        self.apply(self.change("cell", "ad", image=False))
        self.assertFalse(self.part("cell", "ad").image)
        self.assertFalse(self.shown("cells", "ad")["image"])
