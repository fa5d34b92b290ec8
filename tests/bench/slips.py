"""How what is typed goes wrong. Each slip takes words parted by one space, in lower case, and
gives them back with one mistake in them, or None where there is no room for it.
"""

import random
import re
from collections.abc import Callable

Slip = Callable[[random.Random, str], str | None]

LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LONG = 8  # letters of a long word
_MORE = "the a my that one of and fic story this is its to in one old new little".split()
# Right and wrong, parted by a slash: what people write who do not slip but do not know.
_MISSPELT = {
    right: wrong
    for right, _, wrong in (
        pair.partition("/")
        for pair in """
accept/acept acceptable/acceptible accident/acident accidental/accidential accuse/acuse ache/ake
accidentally/accidently achieve/acheive achieved/acheived achieving/acheiving admiral/admirel
adventure/advenchure afraid/affraid again/agian alien/alein algebra/algabra alliance/allience
almanac/almanack almost/allmost alphabet/alphebet always/allways ambulance/ambulence amateur/amature
ancestor/ancester ancient/anceint angel/angle angry/angery answer/anwser antique/anteek
anxious/anxous apartment/appartment apology/appology apparent/apparant apparently/apparantly
appearance/appearence appetite/apetite argument/arguement arithmetic/arithmatic artifact/artefackt
assassin/assasin asteroid/astroid astronaut/astronot atmosphere/atmosphear audience/audiance
autumn/autum avalanche/avalanch awful/aweful awkward/akward balance/ballance balloon/baloon
bargain/bargin barefoot/bearfoot basically/basicly battle/battel beautiful/beautifull beauty/beuty
become/becom before/befor beginning/begining belief/beleif believe/beleive believed/beleived
believing/beleiving betrayal/betrail bicycle/bycicle birthday/brithday biscuit/biscut blossom/blosom
border/boarder bouquet/boquet breakfast/brekfast breath/breth breathe/breath brilliant/brillant
broken/brocken brother/bruther bruise/bruse buried/burried burn/bern bury/burry business/buisness
butterfly/buterfly calendar/calender candle/candel captain/captin career/carrer careful/carefull
carefully/carefuly castle/castel cathedral/cathedrel ceiling/cieling celestial/celestal
cemetery/cemetary century/centry certain/certian champion/champian chief/cheif chimney/chimny
chocolate/choclate choice/choise christmas/chrismas cinnamon/cinamon cliff/clif collapse/colapse
colleague/collegue college/colledge colour/coulor comfort/confort coming/comming committee/comittee
company/compnay completely/completly conceive/concieve confession/confesion conscience/concience
conscious/concious constellation/constelation consequence/consequense control/controll
conversation/conversasion cottage/cotage courage/couradge courtyard/cortyard cousin/cosin
coward/cowerd creature/creeture crystal/cristal cupboard/cubbard curious/curius curtain/curtin
dancer/danser danger/dangor dangerous/dangerus darkness/darknes daughter/dauhgter dawn/daun
death/deth deceive/decieve deceived/decieved decision/desicion deliberate/delibrate
definite/definate definitely/definately delicious/delicous departure/departer desert/dessert
desire/dezire desperate/desparate destiny/destany destroy/distroy detective/detectiv
devotion/devosion diamond/dimond diary/dairy difference/differance different/diffrent dinner/diner
disappear/dissapear disaster/dissaster discover/discovar disease/desease disguise/disguize
distance/distence divine/devine doctor/docter dolphin/dolfin doubt/dout dream/dreem dungeon/dungon
earthquake/earthquak echo/ecko eclipse/eclips eighth/eigth electric/eletric elephant/elefant
embarrassed/embarassed embarrassing/embarassing embrace/embrase emergency/emergancy emperor/emporer
enchant/inchant endless/endles enemy/enamy engine/enjine enough/enuff envelope/envelop
equation/equasion escape/excape especially/especialy essence/essense eternal/eternel
eternity/eternaty eventually/eventualy evidence/evidance exercise/excercise exhibit/exibit
existence/existance experience/experiance experiment/experement explanation/explaination
explore/explor explosion/explotion extraordinary/extrordinary familiar/familar family/famly
fantasy/fantacy farewell/farewel fascinate/facinate father/fathar favourite/favorate feast/feest
feather/fether fierce/feirce field/feild fiery/firey finally/finaly firework/firwork flight/flihgt
flower/flouer foreign/foriegn foreigner/foriegner forest/forrest forever/forver forget/forgit
forgive/forgiv forgotten/forgoten fortunate/fortunat forty/fourty forward/foward fountain/fountin
fragile/frajile frequency/frequancy friend/freind friends/freinds friendship/freindship
frozen/frosen funeral/funural galaxy/gallaxy gallery/galery gamble/gambel garden/gardin gauge/guage
gentle/gental genius/genious geography/geografy ghost/gost ghosts/gosts glacier/glaceir glass/glas
gorgeous/gorgous gossip/gosip government/goverment grammar/grammer grandfather/granfather
grateful/greatful gravity/gravaty graveyard/gravyard grief/greif grieve/greive guarantee/garantee
guard/gaurd guardian/gaurdian guess/gess guest/geust guidance/guidence guilt/gilt guitar/guitarr
half/haff hallway/hallwey handkerchief/hankerchief happen/hapen happened/happend happily/happyly
happiness/happyness harbour/harbar harmony/harmany haunt/hount haunted/hanted heart/haert
heartbeat/hartbeat hearts/harts heaven/heavan height/heigth heir/hier hero/heroe history/histroy
holiday/holliday homecoming/homecomming honey/hunny honour/honnor hopeless/hopless horizon/horizen
hospital/hospitle hourglass/hourglas hunger/hungar hungry/hungary hurricane/huricane hurry/hury
husband/husbend hypothesis/hypothisis idea/idear ignorance/ignorence illusion/ilusion imagine/imagin
immediate/imediate immediately/immediatly immortal/imortal impossible/imposible
incredible/incredable independent/independant indispensable/indispensible inevitable/inevitible
infinite/infinate infinity/infinaty ingredient/ingrediant inheritance/inheritence innocence/inocence
intelligence/inteligence interrupt/interupt invisible/invisable invitation/invatation
irresistible/irresistable irrelevant/irrelevent island/iland jealous/jelous jealousy/jelousy
jewel/jewl jewellery/jewlery journal/jurnal journey/jorney judge/juge judgement/judgment
justice/justise keep/keap kindness/kindnes kingdom/kindom kitchen/kichen kitten/kiten knew/new
knife/nife knight/nite knock/nock knowledge/knowlege labyrinth/labrynth language/langauge
lantern/lantren laugh/laff laughter/lafter lavender/lavander league/leage learn/lern leather/lether
legend/legand leisure/liesure length/lenght letter/leter library/libary lieutenant/leiutenant
light/lihgt lightning/lightening likely/likly lily/lilly listen/lissen lonely/lonley
loneliness/lonelyness lose/loose loser/looser losing/loosing lullaby/lulaby machine/mashine
magic/majic magician/majician magnetic/magnettic maintenance/maintainance marriage/marrage
marry/mary marvellous/marvelous meadow/medow measure/mesure medicine/medecine melody/mellody
memory/memmory merchant/merchent message/messege meteor/metior midnight/midnite millennium/millenium
miniature/minature minute/minuit miracle/mircale mirror/mirrer miserable/miserible mischief/mischeif
missing/mising misspell/mispell mistake/misteak moment/momment monster/monstor morning/mourning
mortal/mortel mountain/mountian mother/mothar murderer/murdrer muscle/mussel museum/musuem
mushroom/mushrom music/musik mystery/mistery naive/nieve necessary/neccessary necessity/neccesity
necklace/neckless needle/needel neighbour/nieghbour neighbourhood/nieghbourhood nephew/nefew
nervous/nervus niece/neice night/nite nightingale/nightengale nightmare/nightmair ninth/nineth
noise/noize northern/northen noticeable/noticable notice/notise nowhere/nowere obsession/obsesion
occasion/ocassion occasional/occassional occurrence/occurence ocean/oshun officer/oficer often/offen
opinion/opinon opportunity/oppertunity oracle/oricle orange/orenge orchard/orcherd
orchestra/orcestra ordinary/ordinery orphan/orfan other/ohter painting/panting palace/pallace
paradise/paridise paragraph/paragraf parallel/paralel parliament/parliment passion/pasion
patience/patiance patient/pateint peace/peice peaceful/peacefull pearl/perl pendulum/pendulem
people/peopel perceive/percieve perfect/perfict perform/preform performance/preformance
perhaps/prehaps permanent/permenant persistence/persistance pharaoh/pharoah phoenix/pheonix
phone/fone photograph/fotograph physics/fysics piece/peice pigeon/pidgeon pirate/pyrate
planet/plannet playwright/playwrite pleasant/plesant poem/pome poison/poisen police/polise
portrait/portrate possess/posess possession/posession possible/posible potato/potatoe
powerful/powerfull prayer/prair precious/preshus preference/preferance presence/presense
present/presant priest/preist prince/prinse princess/princes prison/prizon prisoner/prizoner
privilege/privelege probably/probly profession/proffesion professional/proffesional
professor/proffesor promise/promiss promises/promisses prophecy/profecy publicly/publically
punishment/punishmant purgatory/purgetory purple/purpel pursue/persue puzzle/puzzel quarter/quater
queen/quene question/queston questions/questons quiet/quite quietly/quitely raspberry/rasberry
reach/reech really/realy reason/reeson rebellion/rebelion receipt/reciept receive/recieve
received/recieved receiving/recieving recession/recesion recipe/recipie recognise/reconise
recommend/recomend recovery/recovry reference/referance reflection/reflexion refugee/refugie
rehearsal/rehersal relief/releif relieve/releive religious/religous remember/remeber
remembered/remeberd remembering/remembring remembrance/rememberance repeat/repete
repetition/repitition requiem/requim rescue/rescew resistance/resistence responsible/responsable
restaurant/restaraunt revenge/reveng rhapsody/rapsody rhyme/ryme rhythm/rythm ribbon/ribon
riddle/riddel rival/rivel rumour/roomer sacrifice/sacrafice sacrificed/sacraficed safety/safty
sailor/sailer salmon/sammon sanctuary/santuary sandwich/sandwhich satellite/satelite
scarlet/scarlett schedule/shedule school/skool science/sceince scream/screem season/seeson
secret/secreat secretary/secratary seize/sieze separate/seperate separately/seperately
sergeant/sargent serpent/serpant shadow/shaddow shadows/shaddows shepherd/sheperd sheriff/sherrif
shield/sheild shoulder/sholder siege/seige silence/silense silhouette/silouette similar/similer
sincerely/sincerly singer/singger sister/sistor skeleton/skelton soldier/solider soldiers/soliders
solemn/solem someone/somone sorrow/sorow soul/sole souvenir/suvenir sparrow/sparow speech/speach
spirit/sprit square/sqare squirrel/squirel starlight/starlite stolen/stollen stomach/stomache
storm/strom story/storey straight/strait strange/strang stranger/stanger strangers/strangors
strawberry/strawbery strength/strenght stretch/strech success/sucess sudden/suden suddenly/suddenley
sugar/suger summer/sumer sunrise/sunrize surgeon/surgen surprise/suprise surrender/surender
surround/suround survive/surive swallow/swallo sword/sord symbol/simbol sympathy/simpathy
symphony/symfony syntax/sintax tattoo/tatoo tavern/taverne teacher/teecher tear/teer
telescope/telascope temperature/temperture temporary/tempory tendency/tendancy terrible/terrable
territory/terratory theatre/theater theory/theery thief/theif thieves/theives thirsty/thristy
thorough/thurough thought/thougt thousand/thousend thread/thred threshold/threshhold throat/throte
throne/thrown through/thru thunder/thundar tired/tierd today/todday together/togather tomato/tomatoe
tomb/toom tomorrow/tommorow tongue/tounge touch/tuch tragedy/tradgedy traitor/traiter travel/travle
traveller/traviler treason/treeson treasure/tresure trouble/trubble truce/truse truly/truely
truth/trueth twelfth/twelth twilight/twilite tyranny/tyrany unconscious/unconcious uncle/unkle
understand/undertand unfortunately/unfortunatly uniform/unifrom universe/univers
university/univercity unknown/unkown unnecessary/unneccesary until/untill unusual/unusal
usually/usualy vacuum/vaccum valley/vally valuable/valueable vampire/vampyre vegetable/vegtable
vehicle/vehical vengeance/vengance venomous/venemous victory/victery village/vilage villain/villian
violence/violance violent/violant violet/violett violin/violen virtue/vertue visible/visable
vision/vison visitor/visiter voice/voise volcano/vulcano voyage/voyige vulnerable/vunerable
warrior/worrior watch/wach water/watter weapon/wepon weather/wether weigh/wiegh weight/wieght
weird/wierd welcome/wellcome werewolf/warewolf where/were which/wich whisper/wisper whispers/wispers
whiskey/wiskey whistle/wistle white/wite whole/hole wicked/wiked widow/wido winter/wintar witch/wich
wizard/wizzard wolf/woolf woman/women wonder/wunder wonderful/wonderfull world/wrold worship/wership
would/woud wreck/reck write/rite writer/writter writing/writting written/writen wrong/rong
yacht/yatch year/yaer yesterday/yestarday yield/yeild young/yuong youth/yuth
""".split()
    )
}
_SOUNDS = (
    ("ph", "f"), ("f", "ph"), ("ie", "ei"), ("ei", "ie"), ("ck", "k"), ("c(?=[eiy])", "s"),
    ("c", "k"), ("k", "c"), ("s$", "z"), ("(?<=[aeiou])s(?=[aeiou])", "z"), ("z", "s"), ("gh", "g"),
    ("ough", "uff"), ("igh", "ie"), ("ence", "ance"), ("ance", "ence"), ("ent", "ant"),
    ("able", "ible"), ("ea", "ee"), ("ee", "ea"), ("wh", "w"), ("kn", "n"), ("tion", "sion"),
    (r"([b-df-hj-np-tv-z])\1", r"\1"), ("(?<=[aeiou])([lmnprst])(?=[aeiouy])", r"\1\1"),
    ("le$", "el"),
)  # fmt: skip


def _in_word(chance: random.Random, text: str, change: Slip, shortest: int = 4) -> str | None:
    words = text.split()
    places = [at for at, word in enumerate(words) if len(word) >= shortest]
    if not places:
        return None
    at = chance.choice(places)
    changed = change(chance, words[at])
    return changed and " ".join([*words[:at], changed, *words[at + 1 :]])


def _letter_of(chance: random.Random, word: str) -> str:
    return chance.choice(LETTERS if word.isascii() else word)


def _swapped(chance: random.Random, word: str) -> str:
    at = chance.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _deleted(chance: random.Random, word: str) -> str:
    at = chance.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _inserted(chance: random.Random, word: str) -> str:
    at = chance.randrange(1, len(word) + 1)
    return word[:at] + _letter_of(chance, word) + word[at:]


def _substituted(chance: random.Random, word: str) -> str:
    at = chance.randrange(1, len(word))
    return word[:at] + _letter_of(chance, word) + word[at + 1 :]


_ANY = (_swapped, _deleted, _inserted, _substituted)


def _neighboured(chance: random.Random, word: str) -> str | None:
    at = chance.randrange(len(word))
    near = [key for key in LETTERS if word[at] in LETTERS and _is_near(word[at], key)]
    return word[:at] + chance.choice(near) + word[at + 1 :] if near else None


def _is_near(one: str, other: str) -> bool:
    (y, x), (v, u) = (
        next((y, row.index(key)) for y, row in enumerate(_ROWS) if key in row)
        for key in (one, other)
    )
    # Each row stands half a key to the right of the one above it.
    return one != other and abs(y - v) <= 1 and abs(x + y / 2 - u - v / 2) <= 1


def swap(chance: random.Random, text: str) -> str | None:
    """Two neighbouring letters changed places."""
    return _in_word(chance, text, _swapped)


def delete(chance: random.Random, text: str) -> str | None:
    """A letter left out, not the first."""
    return _in_word(chance, text, _deleted)


def insert(chance: random.Random, text: str) -> str | None:
    """A letter too many."""
    return _in_word(chance, text, _inserted)


def substitute(chance: random.Random, text: str) -> str | None:
    """A wrong letter, not the first."""
    return _in_word(chance, text, _substituted)


def wrong_first(chance: random.Random, text: str) -> str | None:
    """The first letter of a word wrong."""
    return _in_word(chance, text, lambda c, word: _letter_of(c, word) + word[1:])


def any_slip(chance: random.Random, text: str) -> str | None:
    """One of the four slips of one letter."""
    return _in_word(chance, text, chance.choice(_ANY))


def two_typos(chance: random.Random, text: str) -> str | None:
    """Two slips anywhere."""
    once = any_slip(chance, text)
    return once and any_slip(chance, once)


def in_long_word(chance: random.Random, text: str) -> str | None:
    """A slip in a word of eight letters or more."""
    return _in_word(chance, text, chance.choice(_ANY), _LONG)


def misspell(chance: random.Random, text: str) -> str | None:
    """A word as people misspell it; where none is known for that, as it sounds."""
    words = text.split()
    known = [at for at, word in enumerate(words) if word in _MISSPELT]
    if not known:
        return _in_word(chance, text, _as_it_sounds)
    at = chance.choice(known)
    words[at] = _MISSPELT[words[at]]
    return " ".join(words)


def _as_it_sounds(chance: random.Random, word: str) -> str | None:
    heard = [re.sub(right, wrong, word, count=1) for right, wrong in _SOUNDS]
    heard = [wrong for wrong in heard if wrong != word]
    return chance.choice(heard) if heard else None


def neighbour(chance: random.Random, text: str) -> str | None:
    """The key beside the right one."""
    return _in_word(chance, text, _neighboured)


def double(chance: random.Random, text: str) -> str | None:
    """A letter typed twice."""

    def doubled(c: random.Random, word: str) -> str:
        at = c.randrange(len(word))
        return word[: at + 1] + word[at:]

    return _in_word(chance, text, doubled)


def reorder(chance: random.Random, text: str) -> str | None:
    """The words in another order."""
    words = text.split()
    if len(words) < 2:
        return None
    chance.shuffle(words)
    return " ".join(words)


def reorder_and_slip(chance: random.Random, text: str) -> str | None:
    """The words in another order, and a slip in one."""
    other = reorder(chance, text)
    return any_slip(chance, other) if other and other != text else None


def leave_out(chance: random.Random, text: str) -> str | None:
    """A word left out of a title of four or more: of fewer, what is left is any title's."""
    words = text.split()
    if len(words) < 4:
        return None
    del words[chance.randrange(len(words))]
    return " ".join(words)


def add_word(chance: random.Random, text: str) -> str | None:
    """A word too many, of those that people put in."""
    words = text.split()
    words.insert(chance.randrange(len(words) + 1), chance.choice(_MORE))
    return " ".join(words)


def join(chance: random.Random, text: str) -> str | None:
    """Two words written as one."""
    words = text.split()
    if len(words) < 2:
        return None
    at = chance.randrange(len(words) - 1)
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


def split(chance: random.Random, text: str) -> str | None:
    """One word written as two."""

    def parted(c: random.Random, word: str) -> str:
        at = c.randrange(2, len(word) - 1)
        return f"{word[:at]} {word[at:]}"

    return _in_word(chance, text, parted, 5)
