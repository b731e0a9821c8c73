from . import hc_product_affinity
from . import hc_product_popularity
from . import hc_recommendation
from . import hc_recommendation_read
from . import hc_recommendation_words
from . import hc_insight_config
from . import res_partner
from . import sale_order
