"""Freeform tags of the made-up library, in rough order of how often works have them."""

FREEFORMS = (
    """
Fluff|Angst|Hurt/Comfort|Slow Burn|Alternate Universe|Romance|Canon Divergence|Found Family|
Friends to Lovers|Enemies to Lovers|Alternate Universe - Modern Setting|One Shot|Drabble|Pining|
Mutual Pining|First Kiss|Getting Together|Established Relationship|Humour|Crack|Domestic Fluff|
Emotional Hurt/Comfort|Fluff and Angst|Angst with a Happy Ending|Fix-It|Post-Canon|Pre-Canon|
Canon Compliant|Missing Scene|Character Study|Introspection|Friendship|Family|Implied/Referenced
Character Death|Major Character Injury|Whump|Nightmares|Trauma|Post-Traumatic Stress Disorder|
Panic Attacks|Anxiety|Depression|Grief/Mourning|Mourning|Self-Esteem Issues|Healing|Recovery|
Therapy|Miscommunication|Misunderstandings|Jealousy|Secret Relationship|Fake Dating|Fake/Pretend
Relationship|Arranged Marriage|Marriage of Convenience|Accidental Marriage|Marriage Proposal|
Weddings|Soulmates|Soulmate-Identifying Marks|Red String of Fate|Reincarnation|Time Travel|
Time Travel Fix-It|Time Loop|Groundhog Day|Amnesia|Memory Loss|Body Swap|De-Aged Character|Age Swap|
Role Reversal|Role Swap|Alternate Universe - College/University|Alternate Universe - High School|
Alternate Universe - Coffee Shops & Cafés|Alternate Universe - Royalty|Alternate Universe - Space|
Alternate Universe - Fantasy|Alternate Universe - Historical|Alternate Universe - Human|
Alternate Universe - No Powers|Alternate Universe - Pirates|Alternate Universe - Fairy Tale|
Alternate Universe - Western|Alternate Universe - Dystopia|Alternate Universe - Regency|
Alternate Universe - 1920s|Alternate Universe - Noir|Alternate Universe - Bakery|
Alternate Universe - Bookstore|Alternate Universe - Flower Shop|Alternate Universe - Tattoo Parlour|
Alternate Universe - Theatre|Alternate Universe - Musicians|Alternate Universe - Sports|
Alternate Universe - Firefighters|Alternate Universe - Hospital|Alternate Universe - Lawyers|
Alternate Universe - Mafia|Alternate Universe - Spies & Secret Agents|Alternate Universe - Zombies|
Alternate Universe - Vampire|Alternate Universe - Werewolf|Alternate Universe - Mermaids|
Alternate Universe - Ghosts|Alternate Universe - Angels & Demons|Alternate Universe - Teachers|
Alternate Universe - Farm|Alternate Universe - Circus|Alternate Universe - Online Dating|Crossover|
Fusion|Case Fic|Mystery|Murder Mystery|Detective Work|Undercover Missions|Heist|Espionage|Adventure|
Action/Adventure|Quest|Road Trip|Camping|Roadside Motels|There Was Only One Bed|Bed Sharing|
Sharing a Bed|Sharing Clothes|Sharing Body Heat|Huddling for Warmth|Snowed In|Stranded|Trapped|
Trapped in an Elevator|Locked In|Kidnapping|Hostage Situations|Captivity|Rescue|Rescue Missions|
Escape|Imprisonment|Interrogation|Blood and Injury|Blood Loss|Stitches|Bandages|Broken Bones|
Concussions|Fever|Sickfic|Common Cold|Hypothermia|Poisoning|Hospitals|Near Death Experiences|
Temporary Character Death|Presumed Dead|Back from the Dead|Resurrection|Ghosts|Haunting|
Haunted Houses|Vampires|Vampire Turning|Werewolves|Witches|Magic|Wild Magic|Magic Gone Wrong|
Magical Accidents|Curses|Curse Breaking|Prophecy|Dragons|Fae & Fairies|Deal With the Devil|Demons|
Angels|Wings|Wingfic|Shapeshifting|Animal Transformation|Familiars|Dæmons|Elves|Royalty|Court
Intrigue|Political Intrigue|Politics|War|Aftermath of War|Battle|Battle Couple|Swordfighting|
Training|Sparring|Mentor/Student Relationship|Mentorship|Parent-Child Relationship|Parenthood|
Single Parents|Adoption|Kid Fic|
Babies|Babysitting|Pregnancy|Siblings|Sibling Rivalry|Twins|
Brother-Sister Relationship|Brothers|Sisters|Grandparents|Aunts & Uncles|Extended Family|
Bad Parenting|Good Parenting|Protective Siblings|Overprotective Parents|Protectiveness|
Team as Family|Team Bonding|Team Dynamics|Team Up|Ensemble Cast|Platonic Cuddling|
Platonic Soulmates|Platonic Relationships|Queerplatonic Relationships|Asexual Character|
Aromantic Character|Bisexual Character|Lesbian Character|Gay Character|Trans Character|
Trans Male Character|Trans Female Character|Nonbinary Character|Gender Identity|Coming Out|
Autistic Character|Deaf Character|Blind Character|Disabled Character|Chronic Pain|Chronic Illness|
Prosthetics|Sign Language|Dyslexia|Insomnia|Sleep Deprivation|Sleepy Cuddles|Cuddling & Snuggling|
Hugs|Hand-Holding|Forehead Kisses|Kissing|Kissing in the Rain|Accidental Kissing|Love Confessions|
Accidental Confession|Drunken Confessions|Unrequited Love|Unresolved Romantic Tension|
Love at First Sight|First Love|First Dates|First Meetings|Meet-Cute|Blind Date|Double Dates|
Speed Dating|Dating|Flirting|Banter|Bickering|Teasing|Pranks and Practical Jokes|Rivalry|
Rivals to Lovers|Strangers to Lovers|Exes to Lovers|Exes|Break Up|Breaking Up & Making Up|
Divorce|Reunions|Second Chances|Forgiveness|Redemption|Redemption Arc|Betrayal|Guilt|Regret|
Self-Sacrifice|Sacrifice|Heroism|Villains|Villain Protagonist|Morally Grey Characters|Morally
Ambiguous Character|Enemies|Enemies to Friends|Frenemies|Truce|Double Agents|Loyalty|Trust Issues|
Abandonment Issues|Emotional Baggage|Emotional Constipation|Feelings Realisation|Denial of Feelings|
Feelings|So Many Feelings|Idiots in Love|Everyone Is Alive|Everybody Lives|Nobody Dies|
Major Character Undeath|Sad Ending|Bittersweet Ending|Happy Ending|Hopeful Ending|Ambiguous Ending|
Open Ending|Cliffhangers|Plot Twists|Unreliable Narrator|POV Outsider|POV Alternating|POV Multiple|
POV First Person|POV Second Person|Stream of Consciousness|Nonlinear Narrative|Epistolary|Letters|
Love Letters|Text Messages|Texting|Chatting & Messaging|Social Media|Group Chats|Diary/Journal|
Mixed Media|Poetry|Songfic|Song Lyrics|Music|Dancing|Slow Dancing|Ballroom Dancing|Ballet|Piano|
Guitar|Art|Artists|Painting|Photography|Books|Reading Aloud|Libraries|Cooking|Baking|Food|Tea|
Coffee|Picnics|Restaurants|Bars and Pubs|Alcohol|Drunken Shenanigans|Hangover|Parties|Truth or Dare|
Spin the Bottle|Seven Minutes in Heaven|Games|Board Games|Video Games|Chess|Gambling|Christmas|
Christmas Fluff|Christmas Presents|Secret Santa|Mistletoe|Hanukkah|New Year's Eve|Halloween|
Halloween Costumes|Valentine's Day|Thanksgiving|Birthday|Birthday Fluff|Birthday Presents|
Anniversary|Gift Giving|Holidays|Vacation|Beaches|Swimming|Summer|Summer Romance|Summer Camp|Autumn|
Winter|Snow|Snowball Fight|Ice Skating|Spring|Rain|Thunderstorms|Stargazing|Gardens & Gardening|
Flowers|Language of Flowers|Hanahaki Disease|Pets|Cats|Dogs|Kittens|Puppies|Horses|Animals|Ravens|
Small Towns|New York City|London|Paris|Japan|Space|Spaceships|Aliens|Alien Culture|Robots|
Androids|Artificial Intelligence|Cyberpunk|Steampunk|Science Fiction|Post-Apocalypse|Zombie
Apocalypse|Survival|Wilderness Survival|Horror|Psychological Horror|Body Horror|Gothic|Eldritch|
Dreams|Dream Sharing|Telepathy|Empathy|Mind Control|Mind Meld|Possession|Hallucinations|
Superheroes|Secret Identity|Identity Reveal|Identity Issues|Hidden Talents|Hidden Depths|
Mistaken Identity|Disguise|Crossdressing|Makeovers|Glasses|Tattoos|Piercings|Scars|Hair Braiding|
Hair-pulling|Makeup|Fashion|Jewellery|Moving In Together|Roommates|Neighbours|Long-Distance
Relationship|Coworkers|Office Romance|Bodyguard|Prison|Boarding School|First Day of School|Exams|
Graduation|Growing Up|Coming of Age|Childhood Friends|Childhood Memories|Backstory|Character
Development|Worldbuilding|Culture Shock|Languages|Translation|Religion|Mythology|Greek Mythology|
Fairy Tale Elements|Folklore|Legends|Historical Accuracy|Historical References|Victorian|Regency|
World War II|Vietnam War|5+1 Things|Five Times|Ficlet|Ficlet Collection|Short & Sweet|
Short One Shot|
Long|Novel Length|Work In Progress|Discontinued|Rewrite|Not Beta Read|Beta Read|My First Fic|
Gift Fic|Podfic Welcome|Podfic Available|Translation Available|Prompt Fic|Tumblr Prompt|Bingo|
Fictober|Whumptober|Flufftober|NaNoWriMo|Author Is Sleep Deprived|I'm Sorry|Sorry Not Sorry|
Tags May Change|Tags Are Hard|No Plot/Plot|Plot What Plot|Cliché|Tropes|Tooth-Rotting Fluff|
Shameless Self-Indulgence|Out of Character|Dark|Darkfic|Dark Comedy|Satire|Parody|Metafiction|
Canon-Typical Violence|Violence|Minor Violence|Gun Violence|Swearing|Smoking|Drug Use|Addiction|
Implied/Referenced Self-Harm|Eating Disorders|Body Dysmorphia|Slice of Life|Day in the Life|Quiet
Evenings|Rainy Days|Comfort|Comfort Food|Comfort No Hurt|Hurt No Comfort|Light Angst|Heavy Angst
""".strip()
    .replace("|\n", "|")
    .replace("\n", " ")
    .split("|")
)
