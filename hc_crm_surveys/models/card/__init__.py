from . import hc_card_place, hc_card_batch, hc_card, hc_feedback, res_partner, base_partner_merge
