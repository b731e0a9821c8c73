from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError

MAX_ASK_DAYS = 365


class ResCompany(models.Model):
    _inherit = "res.company"

    hc_case_user_id = fields.Many2one(
        "res.users", string="Answers for Cases", ondelete="set null",
        domain="[('share', '=', False)]",
        help="Gets the cases of customers nobody looks after, and those of colleagues who are away.",
    )  # fmt: skip
    hc_case_escalate_user_id = fields.Many2one(
        "res.users", string="Cases Escalate To", ondelete="set null",
        domain="[('share', '=', False)]",
        help="Hears of cases that are overdue, unless the rule of the case names somebody else.",
    )  # fmt: skip
    hc_case_ask_days = fields.Integer(
        string="Ask Again After", default=7,
        help="Days after a case is solved until the customer is asked whether it is. 0: never.",
    )  # fmt: skip
    hc_review_url = fields.Char(
        string="Review Page",
        help="Where customers can write a public review, for example your page at a review site.",
    )

    @api.constrains("hc_case_ask_days")
    def _check_hc_case_ask_days(self):
        for company in self:
            if not 0 <= company.hc_case_ask_days <= MAX_ASK_DAYS:
                raise ValidationError(
                    self.env._(
                        "Ask Again After: choose between 0 and %(max)s days.", max=MAX_ASK_DAYS
                    )
                )

    @api.constrains("hc_review_url")
    def _check_hc_review_url(self):
        for company in self:
            if company.hc_review_url and not is_web_address(company.hc_review_url):
                raise ValidationError(
                    self.env._(
                        "Review Page: “%(url)s” is no address of a web page. It begins with https:// "
                        "or http://, for example https://reviews.example.com/my-shop.",
                        url=company.hc_review_url[:200],
                    )
                )

    @api.constrains("hc_case_user_id", "hc_case_escalate_user_id")
    def _check_hc_case_users(self):
        for company in self:
            for name in ("hc_case_user_id", "hc_case_escalate_user_id"):
                user = company[name]
                if user and (user.share or company not in user.company_ids):
                    raise ValidationError(
                        self.env._(
                            "%(field)s: %(name)s is no colleague of %(company)s.",
                            field=self._fields[name]._description_string(self.env),
                            name=user.name,
                            company=company.name,
                        )
                    )


def is_web_address(text):
    """Whether people can be sent to that address: http or https, a host, nothing that is no URL.

    >>> is_web_address("https://reviews.example.com/shop?x=1")
    True
    >>> [is_web_address(text) for text in ("javascript:alert(1)", "reviews.example.com", "https://", "http://a b")]
    [False, False, False, False]
    """
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and not any(c.isspace() for c in text)
