"""Short texts in several languages, written for the tests: a ferry that is late, and swans that somebody feeds."""

GERMAN = """Die Fähre

Die Fähre kam am 3. Mai zu spät, und am Ufer wartete niemand mehr. Der 2. Fährmann hieß Dr. Brandt, und er \
sprach wenig. „Das Wasser steht höher, als wir es je gesehen haben“, sagte er am Abend. Niemand wollte ihm \
glauben.

Die Müllerin fütterte die Schwäne jeden Morgen mit altem Brot. Im Winter blieben die Schwäne am Wehr, denn \
dort fror das Wasser nicht zu. Die Kinder zählten sie und schrieben die Zahlen an die Tür der Mühle.
"""
FRENCH = """Le bac

Le bac arriva trop tard, et personne n’attendait plus sur la rive. M. Dupont tenait la barre, et il parlait \
peu. « L’eau est plus haute que nous ne l’avons jamais vue », dit-il le soir. Personne ne voulut le croire.

La meunière nourrissait les cygnes chaque matin avec du vieux pain. En hiver, les cygnes restaient près du \
barrage, car l’eau n’y gelait pas. Les enfants les comptaient et écrivaient les nombres sur la porte du \
moulin.
"""
RUSSIAN = """Паром

Паром пришёл слишком поздно, и на берегу уже никто не ждал. Перевозчик жил в г. Озёрске и говорил мало. «Вода \
стоит выше, чем мы когда-либо видели», — сказал он вечером. Никто не хотел ему верить.

Мельничиха каждое утро кормила лебедей старым хлебом. Зимой лебеди оставались у плотины, потому что вода там \
не замерзала. Дети считали их и записывали числа на двери мельницы.
"""
SPANISH = """La barca

La barca llegó demasiado tarde, y en la orilla ya no esperaba nadie. El barquero vivía solo y hablaba poco. \
«El agua está más alta de lo que nunca hemos visto», dijo por la noche. Nadie quiso creerle.

La molinera alimentaba a los cisnes cada mañana con pan viejo. En invierno los cisnes se quedaban junto a la \
presa, porque allí el agua no se helaba. Los niños los contaban y escribían los números en la puerta del \
molino.
"""
ENGLISH = """The Ferry

The ferry came too late, and nobody was waiting on the bank any more. The ferryman lived alone and spoke \
little. “The water stands higher than we have ever seen it”, he said in the evening. Nobody would believe him.

The miller’s wife fed the swans every morning with old bread. In winter the swans stayed by the weir, for the \
water did not freeze there. The children counted them and wrote the numbers on the door of the mill.
"""
CHINESE = (
    "渡船来得太晚了，岸上已经没有人等待。磨坊主的妻子每天早上用旧面包喂天鹅。冬天天鹅留在水坝旁边，因为那里的水不结冰。"
)
JAPANESE = "渡し船はとても遅れて来たので、岸ではもう誰も待っていなかった。粉屋の妻は毎朝古いパンで白鳥に餌をやった。"

TEXTS = {"de": GERMAN, "fr": FRENCH, "ru": RUSSIAN, "es": SPANISH, "en": ENGLISH, "zh": CHINESE, "ja": JAPANESE}
