"""Words and what people make of them: written down by hand, from nobody's dictionary, lemmatiser or stemmer.

Each line is what somebody searches for, and a word as it stands in a text.
"""

from __future__ import annotations


def _pairs(lines: str) -> tuple[tuple[str, str], ...]:
    return tuple((first, second) for first, second in (line.split() for line in lines.strip().splitlines()))


FINNISH = _pairs("""
tapaaminen tapaamisissa
keskustelu keskusteluista
kysymys kysymyksiin
palaute palautetta
hiljaisuus hiljaisuuden
jaksaminen jaksamisesta
opettaja opettajille
töissä työstä
ajatus ajatuksiani
tavoite tavoitteeseen
luottamus luottamusta
vastuu vastuita
lapsi lasten
nuori nuorten
ihminen ihmisiltä
käsi kädestä
aika ajalla
raja rajoja
kieli kielellä
oppilas oppilaita
asiakas asiakkaiden
rohkea rohkeampi
kiireinen kiireisenä
väsynyt väsyneet
kuunnella kuuntelin
auttaa autan
kirjoittaa kirjoitettiin
lähteä lähdin
tehdä teimme
ymmärtää ymmärsin
pelätä pelkään
kokous kokouksessa
harjoitus harjoituksista
esimies esimiehen
sairaus sairauksien
perhe perheensä
ystävä ystävänikin
päätös päätöstään
muutos muutoksia
kokemuksesta kokemuksistamme
""")

COMPOUNDS = _pairs("""
mentorointi vertaismentoroinnissa
ryhmä mentorointiryhmässä
aika työaikaa
palaveri viikkopalaverissa
koulu ammattikoulusta
keskustelu kehityskeskustelun
suunnitelma opintosuunnitelmaani
opettaja erityisopettajien
päivä työpäivän
ohjaus työnohjauksessa
""")

NOT_FINNISH = _pairs("""
aika aikuinen
raja raju
tapa tapaturmasta
kysymys kynnys
ryhmä ryhdin
työ tyhjä
lapsi lapanen
kieli kielto
kokous kokemus
palaute palasin
luottamus luotolla
vuoro vuorella
tila tilauksen
kurssi kurin
muutos muuten
nuori nuoralla
käsi käskyä
vesi veitsen
päätös pääsyä
perhe perhosia
ohjaus ohituksen
opettaja oppaan
sade säteitä
talli tälli
""")

SWEDISH = _pairs("""
samtal samtalen
grupp gruppernas
fråga frågorna
möte mötet
tystnad tystnaden
lyssna lyssnade
deltagare deltagarna
bok böcker
arbete arbetet
barn barnens
lärare lärarnas
skriva skrev
steg stegen
mentorskap mentorskapet
känsla känslorna
hjälpa hjälpte
ung unga
förändring förändringar
ansvar ansvaret
mål målen
""")

SWEDISH_COMPOUNDS = _pairs("""
grupp mentorgruppen
reflektion avslutningsreflektionen
samtal utvecklingssamtalet
möte veckomötena
""")

NOT_SWEDISH = _pairs("""
möte mötte
mål måla
grupp gruvan
steg stege
bok bocken
ung unge
fråga fragan
känsla kängan
lärare läder
tystnad tvist
skriva skrika
ansvar anställd
""")

ENGLISH = _pairs("""
meeting meetings
question questions
listen listening
feel felt
child children
write written
bring brought
colleague colleagues
study studies
try tried
mentoring peer-mentoring
desk desks
think thought
answer answered
""")
