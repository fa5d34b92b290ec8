"""The words of the made-up library: English base words, names, places, and other languages.

Within a list the words stand in rough order of how often titles have them; whoever draws from
it does so by Zipf's law. A "-" within a place stands for a space.
"""

NOUNS = """
love heart night time day world life light home star moon sun fire blood song way thing eye hand
boy girl man woman friend dream story year winter summer rain sky sea snow ghost king queen house
storm shadow promise secret morning soul death bone letter road word name ash dust wolf kiss
stranger brother sister mother father son daughter child family monster angel demon god hero war
city garden door window mirror memory silence truth lie end beginning dance flower rose river
ocean stone glass gold silver crown throne sword knife wound scar bird crow raven wing feather
spring autumn fall dawn dusk midnight sunset sunrise evening afternoon tomorrow yesterday week
month season hour minute second moment age century birthday wedding christmas holiday party dinner
breakfast lunch coffee tea wine whiskey honey sugar salt bread apple peach orange lemon cherry
pomegranate strawberry cake pie soup kitchen table chair bed bedroom pillow blanket sheet lamp
candle lantern match flame spark ember smoke fog mist cloud thunder lightning wind breeze tide
wave shore beach island harbour ship sail anchor captain sailor pirate compass map path bridge
street avenue corner alley highway crossroad train station airport ticket suitcase journey
adventure quest voyage exile traveller wanderer vagabond refugee soldier knight squire prince
princess duke emperor empress empire kingdom castle tower palace dungeon prison cage chain rope
wire thread needle ribbon lace silk velvet leather linen cotton wool coat jacket scarf glove boot
shoe dress shirt sweater button pocket ring necklace bracelet jewel diamond ruby pearl sapphire
emerald amber opal crystal marble iron steel copper bronze brass lead clay mud sand rock boulder
mountain valley hill cliff canyon cave forest wood tree oak willow birch pine cedar maple branch
leaf root seed thorn ivy moss fern grass meadow field orchard vineyard harvest wheat barley corn
lavender lily violet daisy tulip poppy orchid sunflower dandelion jasmine magnolia iris marigold
daffodil chrysanthemum camellia hyacinth wisteria petal bouquet butterfly moth bee wasp spider
beetle firefly dragonfly cricket snake serpent lizard dragon phoenix griffin unicorn mermaid siren
vampire werewolf witch wizard sorcerer fairy elf dwarf giant troll goblin ogre beast creature
hound dog puppy cat kitten fox rabbit hare deer stag doe horse mare foal pony goat sheep lamb ram
bull cow pig bear lion tiger leopard panther elephant whale shark dolphin fish trout salmon
octopus crab oyster shell coral swan goose duck owl hawk eagle falcon sparrow robin dove pigeon
nightingale starling swallow magpie heron crane pelican gull albatross peacock hen egg nest cradle
grave coffin tomb cemetery funeral widow orphan ancestor heir legacy inheritance bloodline dynasty
crest banner flag oath vow curse blessing prayer hymn psalm gospel sermon altar church chapel
cathedral temple shrine priest nun monk saint sinner sin virtue grace mercy faith hope charity
belief doubt fear courage pride shame guilt regret sorrow grief joy happiness laughter smile tear
sob scream whisper voice echo sound noise music melody harmony rhythm lullaby ballad sonata
symphony nocturne requiem waltz tango piano violin guitar drum trumpet flute orchestra choir
singer dancer actor artist painter poet writer author reader teacher student doctor nurse surgeon
patient lawyer judge detective thief spy assassin killer murderer victim witness suspect evidence
clue mystery riddle puzzle game chess card dice wager gamble luck fortune fate destiny chance
choice decision mistake accident disaster tragedy comedy drama play stage curtain scene act
chapter verse line page book library bookshop shelf ink pen pencil paper notebook diary journal
manuscript poem sonnet haiku fable legend myth tale saga chronicle history future past present
eternity infinity universe galaxy planet comet meteor asteroid constellation orbit gravity
satellite rocket spaceship astronaut alien robot machine engine gear clock watch hourglass
pendulum calendar almanac telescope microscope laboratory experiment theory hypothesis equation
formula number letterbox code cipher signal message telephone phone voicemail text email password
camera photograph picture portrait painting canvas brush colour paint sketch sculpture statue
museum gallery exhibit theatre cinema film television radio channel static frequency wavelength
spectrum prism rainbow reflection silhouette shape form pattern circle square triangle spiral
labyrinth maze corridor hallway staircase stair ladder attic basement cellar closet cupboard
wardrobe drawer box chest trunk key lock gate fence wall brick roof chimney hearth fireplace porch
balcony courtyard fountain well lake pond puddle stream creek waterfall swamp marsh bog desert
oasis dune mirage glacier iceberg avalanche blizzard frost ice hail sleet drizzle flood drought
earthquake volcano lava crater hurricane tornado cyclone tempest whirlwind eclipse solstice
equinox twilight aurora horizon heaven hell limbo purgatory paradise eden abyss void chaos order
balance justice revenge vengeance punishment crime law rule rebel rebellion revolution riot
uprising battle battlefield fight duel victory defeat surrender truce treaty peace alliance enemy
rival ally traitor betrayal treason loyalty devotion duty honour glory valour bravery weapon
dagger blade arrow bow spear axe hammer shield armour helmet gun bullet pistol rifle trigger
target bomb explosion poison venom antidote potion elixir remedy cure medicine fever illness
disease plague pain ache bruise bandage stitch hospital clinic ambulance emergency surgery
recovery therapy breath lung throat mouth lip tongue tooth teeth jaw cheek chin nose ear forehead
hair curl braid beard neck shoulder arm elbow wrist palm finger thumb nail rib spine back hip knee
ankle foot heel toe skin flesh muscle nerve vein artery skull skeleton body mind brain thought
idea opinion question answer reason cause effect consequence result purpose meaning sense nonsense
logic madness sanity genius fool idiot liar coward bully outcast stowaway neighbour roommate
landlord tenant guest host visitor intruder servant butler maid cook chef baker butcher farmer
shepherd hunter fisherman miller blacksmith tailor carpenter mason merchant banker clerk secretary
boss employee colleague partner lover husband wife bride groom fiance boyfriend girlfriend
sweetheart darling crush admirer soulmate twin cousin uncle aunt nephew niece grandfather
grandmother baby toddler teenager adult elder veteran recruit officer sergeant lieutenant colonel
general admiral president senator minister mayor council parliament government country nation
border frontier territory colony village town suburb apartment flat cottage cabin mansion manor
estate hotel motel inn tavern bar pub restaurant cafe bakery diner market shop store mall office
factory warehouse mine mill farm barn stable school college university classroom lesson lecture
homework exam grade degree scholar professor apprentice mentor master slave champion winner loser
player team coach league tournament trophy medal prize race track stadium goal score penalty
whistle ball bat racket skate bicycle motorcycle car taxi truck bus subway tram helicopter
airplane balloon parachute submarine canoe raft ferry lighthouse dock pier cargo treasure coin
penny dollar debt price cost bargain gift package parcel envelope stamp postcard souvenir relic
artifact antique ruin fossil origin source birth childhood youth adolescence adulthood hunger
thirst appetite feast famine recipe ingredient cinnamon ginger pepper vanilla chocolate caramel
butter cheese milk cream rice noodle pancake waffle biscuit cookie sandwich pizza burger potato
tomato onion garlic carrot pumpkin mushroom bean pea cabbage spinach plum pear grape melon fig
olive mango banana raspberry blackberry blueberry habit ritual ceremony tradition custom
superstition omen prophecy oracle vision nightmare insomnia daydream fantasy illusion trick magic
spell charm amulet talisman wand cauldron broomstick familiar summoning sacrifice offering
contract deal debtor sign symbol tattoo piercing mask disguise costume uniform badge cape cloak
hood veil shroud ghostlight lifetime heartbeat heartbreak heartache daylight moonlight starlight
sunlight candlelight firelight fireworks bonfire wildfire campfire graveyard wasteland homeland
homecoming farewell goodbye greeting reunion arrival departure absence distance closeness touch
embrace hug caress grip hold strength weakness power control freedom liberty safety danger risk
threat warning rescue escape shelter refuge sanctuary asylum haven nowhere somewhere elsewhere
anywhere momentum velocity pressure tension friction heat warmth cold chill temperature weather
climate atmosphere air oxygen water ether shard fragment splinter piece part half whole remnant
residue trace stain mark edge centre surface depth height width length weight measure scale ounce
pound mile inch fathom acre rhapsody interlude prelude overture finale encore epilogue prologue
footnote postscript appendix index glossary definition translation language accent dialect grammar
syntax comma ellipsis alphabet consonant vowel argument apology confession excuse explanation
conversation rumour gossip scandal headline newspaper article interview rehearsal performance
audience applause spotlight limelight backstage understudy apprenticeship scholarship friendship
courtship kinship hardship knowledge wisdom ignorance innocence experience existence essence
patience persistence resistance occurrence difference preference reference interference conscience
science alchemy chemistry physics geometry arithmetic algebra astronomy anatomy biology geography
archaeology philosophy psychology guidance guard guardian maintenance privilege vacuum rhyme
schedule surprise beauty business committee neighbourhood millennium pharaoh playwright threshold
twelfth weird yacht mischief foreigner ceiling receipt leisure jealousy necessity opportunity
possession obsession profession procession recession tyranny vegetable
""".split()

# Regular verbs.
VERBS = """
love want need call wait kiss walk talk turn look live die burn save remember dance follow learn
stay watch ask carry cross promise believe hope try start end close open change chase haunt hunt
howl whisper scream cry laugh smile stare wonder wander dream drown float drift crash fade vanish
linger return belong remain happen matter trust doubt fear hate forgive betray confess deny admit
answer question pray wish beg borrow bury mourn grieve heal ache bruise stitch mend repair
ruin wreck destroy shatter crack crumble collapse topple tumble stumble slip trip climb jump leap
race rush hurry escape flee chain bind tie loosen fasten lock unlock knock push pull drag lift
drop toss catch grasp grip touch stroke caress hug embrace hold gather collect scatter plant
harvest bloom blossom wither wilt water rain snow pour drip melt freeze boil simmer bake cook
taste savour devour swallow starve thirst hunger crave desire yearn long pine adore cherish
treasure worship admire envy covet steal rob cheat gamble wager play perform rehearse practise
train study memorise forget recall remind recognise notice ignore avoid dodge duck hide disguise
reveal uncover discover explore search roam travel sail navigate steer guide lead rule reign
conquer defeat surrender resign quit retire rest relax sleep nap wake rouse stir move shift
tremble shake shiver shudder quiver flutter flicker glow shine glitter sparkle gleam shimmer
dazzle blind darken brighten lighten deepen soften harden sharpen polish scrub wash rinse clean
sweep dust paint sketch colour carve sculpt mould shape build raise lower sink surface breathe
inhale exhale sigh gasp choke cough sneeze snore murmur mumble mutter stutter stammer shout yell
roar growl snarl hiss bark chirp hum whistle chant recite narrate describe explain argue debate
discuss agree disagree refuse reject accept receive deceive achieve retrieve perceive conceive
relieve deliver mail post send summon banish exile invite welcome greet introduce visit marry
divorce abandon desert neglect protect defend guard shield attack ambush wound murder strangle
poison smother punish pardon judge accuse blame praise reward thank bless curse damn doom condemn
redeem restore revive resurrect survive endure suffer tolerate persist resist rebel revolt unite
divide separate part join merge blend mix stack pile count measure weigh balance juggle tangle
unravel weave knit sew mark stain smear scratch scrape tear peel trace outline copy imitate
pretend lie trick tease taunt mock flirt court seduce charm enchant bewitch transform become
evolve grow age ripen rot decay rust tarnish fray remake rename rewrite reclaim rebuild rewind
reload rescue recover repeat regret repent resent require request rely release reach crawl creep
sneak lurk prowl stalk pounce perch roost nest hatch migrate soar glide plummet spiral orbit
collide explode ignite smoulder scorch char singe smoke extinguish douse soak drench splash ripple
surge ebb flood erode excavate unearth dig shovel rake toil labour work serve obey command order
demand insist plead negotiate bargain trade purchase owe lend invest spend waste squander
""".split()

# base/past/participle
IRREGULAR = """
break/broke/broken fall/fell/fallen find/found/found lose/lost/lost know/knew/known come/came/come
go/went/gone leave/left/left keep/kept/kept hold/held/held give/gave/given take/took/taken
make/made/made say/said/said tell/told/told think/thought/thought feel/felt/felt see/saw/seen
hear/heard/heard speak/spoke/spoken sing/sang/sung write/wrote/written read/read/read run/ran/run
fly/flew/flown swim/swam/swum drive/drove/driven ride/rode/ridden rise/rose/risen
sleep/slept/slept wake/woke/woken dream/dreamt/dreamt bleed/bled/bled fight/fought/fought
win/won/won hide/hid/hidden seek/sought/sought steal/stole/stolen bring/brought/brought
buy/bought/bought sell/sold/sold build/built/built burn/burnt/burnt catch/caught/caught
choose/chose/chosen begin/began/begun drink/drank/drunk eat/ate/eaten forget/forgot/forgotten
forgive/forgave/forgiven freeze/froze/frozen grow/grew/grown hang/hung/hung bite/bit/bitten
blow/blew/blown draw/drew/drawn kneel/knelt/knelt learn/learnt/learnt light/lit/lit
mean/meant/meant meet/met/met shake/shook/shaken shine/shone/shone sink/sank/sunk sit/sat/sat
spin/spun/spun stand/stood/stood swear/swore/sworn sweep/swept/swept teach/taught/taught
tear/tore/torn throw/threw/thrown understand/understood/understood wear/wore/worn weave/wove/woven
weep/wept/wept bend/bent/bent bind/bound/bound
""".split()

ADJECTIVES = """
little last first long old new good bad beautiful dark bright broken lost lonely quiet silent
sweet bitter cold warm hot soft hard gentle cruel kind wild free strange wicked holy sacred black
white red blue green golden silver grey crimson scarlet violet purple pink yellow orange brown
pale deep shallow high low far near distant close open closed hidden secret hollow empty full half
whole perfect imperfect fragile strong weak brave afraid fearless restless endless hopeless
reckless careless helpless homeless nameless faceless heartless speechless sleepless breathless
weightless timeless ageless deathless shameless happy sad angry furious jealous envious proud
humble shy bold clever foolish wise stupid smart dumb young ancient eternal immortal mortal human
divine unholy royal noble common rare precious cheap rich poor hungry thirsty tired weary sleepy
awake drunk sober sick healthy dead alive living dying burning freezing drowning falling rising
shining fading bleeding weeping whispering wandering sleeping dreaming dancing singing laughing
smiling missing stolen borrowed forgotten forbidden forsaken beloved cursed haunted blessed doomed
damned fallen chosen frozen woven ridden sunken shattered scattered tattered battered tangled
twisted crooked bent straight narrow wide broad thin thick heavy light sharp blunt dull rough
smooth rusty dusty muddy stormy rainy snowy sunny cloudy foggy misty windy frosty icy chilly
steamy sticky messy tidy dirty clean pure tainted poisonous venomous dangerous safe certain
uncertain likely unlikely possible impossible inevitable incredible invisible visible terrible
horrible wonderful awful dreadful graceful hopeful faithful merciful peaceful powerful painful
careful thoughtful grateful hateful spiteful truthful mournful sorrowful joyful playful fearful
tearful colourful restful true false real fake honest dishonest loyal faithless patient impatient
polite rude tender fierce savage feral tame domestic foreign familiar unfamiliar ordinary
extraordinary special unusual weird odd even equal separate different similar identical definite
infinite final early late sudden slow quick fast swift brief short tall small tiny big large huge
enormous vast great grand mighty simple plain fancy elegant ugly pretty handsome lovely gorgeous
charming awkward embarrassed embarrassing nervous anxious calm serene violent mild spicy salty
sour savoury delicious rotten fresh raw ripe dry wet damp soaked naked bare barefoot blindfolded
blind deaf mute numb sore bruised wounded scarred stitched mended unbroken unspoken unwritten
untold unknown unseen unheard unwanted unloved unfinished unending unforgiven unbound undone
unkind unfair unwise unreal uneven northern southern eastern western winter midnight imperial
celestial lunar solar cosmic electric magnetic mechanical clockwork wooden iron porcelain paper
plastic velvet satin careworn threadbare moonlit starlit sunlit candlelit windswept snowbound
seaborne homesick lovesick heartsick seasick bittersweet lukewarm halfway upside sideways
backwards forward necessary unnecessary professional accidental occasional conscious unconscious
apparent permanent independent indispensable irresistible irrelevant noticeable changeable
acceptable miserable vulnerable remarkable knowledgeable tragic comic ironic poetic prosaic
romantic platonic academic domesticated complicated dedicated sophisticated desperate immediate
intimate deliberate considerate fortunate unfortunate
""".split()

ADVERBS = """
always never again still only almost forever together alone away home softly slowly quietly gently
carefully badly well truly madly deeply barely nearly really probably definitely finally suddenly
eventually maybe perhaps twice once sometimes often seldom tonight today tomorrow before after
somewhere anywhere nowhere backwards sideways upside inside outside underneath overhead elsewhere
otherwise regardless anyway accidentally completely especially immediately unfortunately
separately sincerely apparently consciously basically publicly
""".split()

NAMES = """
Jack Alice Spike Rose Angel Emma James Lily Daniel Sarah Faye Buffy Peter Clara Arthur Robin Sam
Dean Max Kate Anna Thomas Jane Will Henry Eleanor Oliver Grace Ben Lucy Charlie Eve Adam Marcus
Julia Simon Nora Victor Helen Leo Iris Felix Maya Hugo Ada Edmund Susan Jasper Violet Oscar Hazel
Theo Ruby Elias Stella Ivan Nina Yuri Katya Dmitri Sasha Mikhail Anya Kenji Hana Akira Yuki Haru
Sora Ren Aoi Mei Lan Wei Jin Min Jun Sung Hyun Ling Xiao Zhen Tao Ravi Priya Arjun Leila Omar
Amira Tariq Yasmin Farid Nadia Samir Zara Kofi Ama Kwame Zola Thabo Imani Diego Lucia Mateo Sofia
Rafael Elena Javier Carmen Pablo Inés Joaquín Beatriz Luca Chiara Matteo Giulia Enzo Bianca Pierre
Colette Luc Amélie Rémy Zoë Noémie Gaspard Klaus Greta Jürgen Heidi Otto Liesel Lars Astrid Björn
Sigrid Erik Freya Nils Solveig Søren Ingrid Aleksander Zofia Łukasz Jan Petra Milan Tomas Vera
Niamh Cormac Siobhan Declan Aoife Rhys Gwen Owen Carys Bronwen Duncan Isla Ewan Morag Fergus
Walter Agnes Harold Edith George Mabel Albert Florence Ernest Beatrice Cecil Winifred Rupert
Cordelia Percy Ophelia Hamlet Rosalind Orlando Viola Sebastian Portia Antonio Miranda Prospero
Ariel Titus Lavinia Cassius Octavia Livia Claudia Juno Minerva Apollo Artemis Persephone Orpheus
Eurydice Icarus Achilles Patroclus Helena Cassandra Hector Penelope Ulysses Ariadne Theseus
Galatea Calypso Circe Medea Jason Abel Cain Ezra Naomi Ruth Micah Judith Tobias Miriam Gideon
Delilah Samson Esther Silas Abigail Caleb Hannah Josiah Rebecca Nathaniel Rachel Ethan Chloe Logan
Madison Tyler Ashley Kyle Brittany Brandon Heather Derek Tiffany Scott Stacy Travis Amber Dustin
Crystal Casey Riley Morgan Jordan Quinn Avery Rowan Sage Phoenix River Skye Blaze Storm Raven Lark
Wren Ash Jet Nikolai Vasilisa Boris Olga Igor Svetlana Lev Tatiana Anton Ludmila Yevgeny Marina
Pavel Zlata
""".split()

PLACES = """
Paris London Venice Rome Tokyo Berlin Prague Vienna Dublin Lisbon Madrid Moscow Cairo Kyoto Oslo
Athens Avalon Camelot Arcadia Babylon Troy Carthage Atlantis Eden Elysium Valhalla Mars Venus
Jupiter Saturn Neptune Pluto Ganymede Europa Titan Callisto Andromeda Orion Brooklyn Manhattan
Harlem Chicago Boston Seattle Portland Denver Austin Memphis Nashville Savannah Charleston
Louisiana Texas Kansas Nebraska Wyoming Montana Alaska Nevada Arizona California Oregon Vermont
Maine Ohio Toronto Montreal Vancouver Havana Lima Bogotá Santiago Buenos-Aires São-Paulo Rio
Casablanca Tangier Marrakesh Tunis Algiers Nairobi Lagos Accra Dakar Zanzibar Istanbul Beirut
Damascus Jerusalem Baghdad Tehran Samarkand Kabul Delhi Mumbai Calcutta Kathmandu Lhasa Shanghai
Beijing Hong-Kong Taipei Seoul Busan Osaka Nagasaki Sapporo Hanoi Saigon Bangkok Manila Jakarta
Bali Singapore Sydney Melbourne Perth Auckland Wellington Edinburgh Glasgow Cardiff Belfast Galway
Cork York Oxford Cambridge Bath Brighton Dover Cornwall Devon Yorkshire Wales Scotland Ireland
Normandy Brittany Provence Bordeaux Lyon Marseille Geneva Zürich Milan Florence Naples Palermo
Sicily Sardinia Malta Crete Sparta Corinth Delphi Budapest Bucharest Sofia Belgrade Zagreb
Sarajevo Warsaw Kraków Riga Tallinn Helsinki Stockholm Copenhagen Reykjavík Siberia Kiev Odessa
Vladivostok Elm-Street Baker-Street Fifth-Avenue Route-66 Blackwater Ravenhill Thornfield Ashgrove
Winterhaven
""".split()

SYLLABLES = """
an ar bel bri cor da dri el en fa fen gal gra har hil il jo ka kel lin lo mar mi ne nor o or pen
per quin ra ri ro sa sel sha ta tor ul va vex wyn xa yor zel zi
""".split()

SURNAME_STARTS = """
Ash Black Thorn Winter Hart Grey Fair Stone White Wood Raven Har Win Bar Brad Cal Car Dal Dar El
Fen Gar Hal Hol Ken Lang Mar Mor Nor Pen Rad Red Ren Ros Shel Stan Sut Thur Wal War Wes Whit
""".split()

SURNAME_ENDS = """
wood ford ley ton son well field worth man more ridge brook stone bury den ham by croft land ward
wick low lock shaw mont vale
""".split()

# Titles in other languages: things, and frames to put them in, both parted by bars.
OTHERS = {
    "fr": (
        """
la mer|le ciel|la nuit|l’été|l’hiver|la lumière|le cœur|l’étoile|la forêt|le rêve|la fenêtre|
la poussière|le château|la fièvre|le silence|la mémoire|l’âme|le désir|la rivière|le garçon|
la tempête|l’île|la clé|le théâtre|la première neige|les oubliés|les étrangers|le bâtiment vide|
la colère|la beauté|l’écho|les ténèbres|la forteresse|le dernier été|l’héritage|la naïveté
""",
        """
{a}|{a} et {b}|sous {a}|avant {a}, après {b}|{a} où tout a commencé|comme {a}|
il était une fois {a}|{a} n’a pas oublié {b}|là-bas, {a}
""",
    ),
    "de": (
        """
der Schnee|die Nacht|das Mädchen|der Schlüssel|die Bäume|das Glück|die Träume|der König|
die Brücke|das Gefühl|die Stille|der Wolf|die Wörter|das Märchen|der Frühling|die Küste|
das Versprechen|der Flüchtling|die Größe|das Herz|die Sehnsucht|der letzte Sommer|die Straße|
das Gewitter|der Bruder|die Lüge|der Übergang|das Erwachen|die Dämmerung|der Rückweg|
die Schwäche|das Ungeheuer|der Nachtzug|die Vögel|das Geständnis
""",
        """
{a}|{a} und {b}|für {a}|{a} ohne {b}|über {a}|wie {a}|{a} gehört {b}|zwischen den Jahren: {a}|
wenn {a} fällt|noch einmal {a}
""",
    ),
    "es": (
        """
la canción|el corazón|la mañana|el niño|la sombra|el mar|la estación|el sueño|la luz|el jardín|
la lluvia|el otoño|la montaña|el ángel|la pasión|el ladrón|la tormenta|el río|la promesa|
el camión|la razón|el último día|la espada|el fantasma|la cigüeña|el pájaro|la vergüenza|
el perdón|la esperanza|el rincón|los años perdidos|las señales|el búho
""",
        """
{a}|{a} y {b}|bajo {a}|como {a}|¿dónde está {a}?|¡{a}!|{a} sin {b}|después de {a}|
cuando {a} cayó sobre {b}|todavía {a}
""",
    ),
    "ru": (
        """
ночь|снег|море|звезда|сердце|дорога|весна|осень|зима|лето|письмо|волк|дом|сон|огонь|тень|память|
надежда|музыка|город|река|поезд|чужой голос|последний день|белый лёд|тишина|зеркало|обещание|
ветер|старый друг|северный ветер|мой брат|пустая комната|хрупкий мир
""",
        """
{a}|{a} и {b}|{a} без {b}|там, где {a}|как {a}|однажды {a}|пока не наступит {a}|не {a}, а {b}
""",
    ),
    "el": (
        """
η θάλασσα|ο ουρανός|η νύχτα|το φως|η αγάπη|το όνειρο|η βροχή|ο δρόμος|το σπίτι|η ψυχή|ο άνεμος|
το καλοκαίρι|ο χειμώνας|η σιωπή|το κλειδί|ο λύκος|η πόλη|το γράμμα|η μνήμη|ο ξένος|το αστέρι|
η άνοιξη|ο καθρέφτης|η σκιά|το τραγούδι|η υπόσχεση
""",
        """
{a}|{a} και {b}|χωρίς {a}|όπως {a}|μετά από {a}|{a} που χάθηκε|κάποτε {a}
""",
    ),
    "ja": (
        """
星|雨|夜|海|空|夢|春|冬|夏の終わり|約束|手紙|図書館|月|花|風|君|僕|心|影|光|永遠|鏡|涙|列車|
記憶|ひかり|さよなら|おかえり|ラジオ|コーヒー|ピアノ|魔法使い|狼|最後の嘘|青い鳥
""",
        """
{a}|{a}と{b}|{a}の{b}|{a}の下で|{a}に願いを|もう一度{a}|{a}が消えるまで|そして{a}は{b}になる|
{a}へ
""",
    ),
    "zh": (
        """
星空|雨夜|大海|梦|春天|雪|月光|花|风|故人|归途|旧信|城市|影子|火|长夜|江湖|少年|镜子|秋水|远山|
青鸟|雨声|灯火|孤岛|钟声|白马|琴|剑|余生
""",
        """
{a}|{a}与{b}|{a}里的{b}|如果{a}|{a}之后|在{a}下|最后的{a}|{a}不知{b}|从前有{a}
""",
    ),
    "ko": (
        """
별|비|밤|바다|하늘|꿈|봄|겨울|여름의 끝|약속|편지|도서관|달빛|꽃|바람|너의 이름|마음|그림자|
불빛|기억|거울|눈물|기차|노래|첫눈|고양이|늑대|마지막 인사|작은 방|오래된 시계
""",
        """
{a}|{a}와 {b}|{a}의 {b}|{a} 아래에서|다시 {a}|{a}에게|그리고 {a}|{a}보다 {b}
""",
    ),
}
