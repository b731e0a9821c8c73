"""What the customers of the demo shop write: by language, topic, and whether it is praise or a complaint."""

WORDS = {
    "en": {
        "delivery": (
            ["Delivered a day earlier than promised, well packed.",
             "The parcel came on time and the driver rang before.",
             "Quick delivery, even before the holidays.",
             "Shipping was fast and the box could be used for the return."],
            ["The delivery was six days late and nobody told me.",
             "The driver left the parcel outside in the rain.",
             "Package arrived open and one shirt was missing.",
             "Waited at home all day, the courier never came.",
             "Delivered to the wrong address, my neighbour found it by chance."],
        ),
        "price": (
            ["Fair price for this quality.", "The voucher for regulars is a nice idea, good value.",
             "Worth every cent."],
            ["Too expensive for what it is.",
             "The same jacket was 20 % cheaper a week later, that is annoying.",
             "The shipping cost is higher than the price of the scarf."],
        ),
        "staff": (
            ["Lena knew exactly what I was looking for. So friendly!",
             "Wonderful advice at the counter, I always enjoy coming.",
             "Marc answered within the hour and solved it. Excellent service.",
             "The staff takes time and is honest when something does not fit."],
            ["The lady on the phone was rude and hung up.",
             "Nobody had time for me, I left again.",
             "I explained my problem to three people, none of them helpful."],
        ),
        "quality": (
            ["The fabric is soft and looks as new after ten washes.",
             "Beautifully made, every seam is perfect.",
             "Great quality, my colleagues ask where I bought it."],
            ["The seam tore the second time I wore it.",
             "The colour washed out after one wash, poor quality.",
             "The trousers came with a stain. Disappointing.",
             "Two buttons fell off in the first week."],
        ),
        "website": (
            ["Found the size at once, the website is clear.",
             "Ordering on my phone took two minutes, easy."],
            ["The website logged me out three times before I could pay.",
             "The size table of the shop is confusing, I ordered wrong again.",
             "I could not find where to enter the voucher code on the page."],
        ),
        "billing": (
            ["The invoice was right and came at once, easy for our accounts."],
            ["The invoice was wrong for the second time.",
             "I was charged twice and still wait for the refund.",
             "Payment reminder although we had paid weeks ago. Terrible."],
        ),
    },
    "fr": {
        "delivery": (
            ["Livraison rapide et soignée, merci !"],
            ["La livraison avait une semaine de retard, sans un mot d’excuse.", "Colis abîmé à l’arrivée."],
        ),
        "staff": (["Un accueil charmant, comme toujours."], ["Personne n’a su répondre à ma question."]),
        "quality": (["Très belle qualité, je suis ravie."], ["La couture a lâché au bout de deux jours."]),
        "price": (["Un bon rapport qualité-prix."], ["C’est devenu trop cher."]),
    },
    "de": {
        "delivery": (
            ["Schnelle Lieferung, gut verpackt."],
            ["Die Lieferung kam fünf Tage zu spät.", "Das Paket stand im Regen vor der Tür."],
        ),
        "staff": (["Sehr freundliche Beratung, danke!"], ["Am Telefon war niemand zuständig."]),
        "quality": (["Tolle Qualität, sitzt perfekt."], ["Nach dem ersten Waschen eingelaufen."]),
        "billing": (["Rechnung kam sofort und stimmte."], ["Die Rechnung war schon wieder falsch."]),
    },
}  # fmt: skip
LANGUAGES, LANGUAGE_WEIGHTS = ("en", "fr", "de"), (84, 8, 8)
TOPIC_WEIGHTS = {
    "delivery": 32, "quality": 22, "staff": 20, "price": 12, "website": 8, "billing": 6,
}  # fmt: skip
# before the improvement complaints were mostly about this
SORE_POINT = "delivery"

# Those the demo story tells about: xmlid → (days ago, metric of the survey, score, words)
STORIES = [
    ("demo_partner_camille", 21, "delivery", 2, "Nine days late, and the box was wet. We cannot work like this."),
    ("demo_partner_aurora", 260, "nps", 9, "Good fabrics, and somebody who picks up the phone."),
    ("demo_partner_dot", 12, "nps", 10, "You replaced the shirts overnight. The première was saved!"),
    ("demo_partner_rosa", 35, "nps", 10, "Lena always has a minute for me."),
    ("demo_partner_rosa", 9, "delivery", 5, None),
    ("demo_partner_margaret", 150, "nps", 3, "My dress was not ready for the wedding, and nobody called."),
    ("demo_partner_priya", 6, "nps", 5, "Quick and friendly, but the bill is still wrong. Third time now."),
    ("demo_partner_jonas", 70, "delivery", 4, "This time all aprons came at once, thank you."),
    ("demo_partner_giulia", 40, "nps", 8, "Bella qualità, ma il listino arriva sempre tardi."),
    ("demo_partner_hannah", 110, "nps", 10, "Shirts that fit when you sit. At last somebody who listens."),
    ("demo_partner_emile", 55, "nps", 9, "On m’a décrit chaque couleur, c’était un plaisir."),
    ("demo_partner_nadia", 18, "nps", 6, "Nice clothes, too expensive before the sale."),
    ("demo_partner_layla", 33, "delivery", 3, "Took two weeks to Dubai, tracking did not work."),
]  # fmt: skip
