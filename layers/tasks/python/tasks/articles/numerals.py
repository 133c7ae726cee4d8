"""Numbers that are written as words, which nobody learns from an article."""

from collections.abc import Mapping

NUMERALS: Mapping[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "de": "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn"
        " fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig"
        " siebzig achtzig neunzig hundert zweihundert dreihundert vierhundert fünfhundert tausend"
        " million millionen milliarde milliarden",
        "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy"
        " eighty ninety hundred thousand million billion",
        "es": "uno una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce"
        " quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno treinta cuarenta"
        " cincuenta sesenta setenta ochenta noventa cien ciento cientos doscientos trescientos"
        " cuatrocientos quinientos seiscientos setecientos ochocientos novecientos mil millón"
        " millones",
        "fr": "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze"
        " seize vingt trente quarante cinquante soixante septante nonante cent cents mille million"
        " millions milliard milliards",
        "it": "uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici"
        " quattordici quindici sedici diciassette diciotto diciannove venti trenta quaranta"
        " cinquanta sessanta settanta ottanta novanta cento duecento trecento cinquecento mille"
        " mila milione milioni miliardo miliardi",
        "pt": "um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze"
        " dezesseis dezasseis dezessete dezassete dezoito dezenove dezanove vinte trinta quarenta"
        " cinquenta sessenta setenta oitenta noventa cem cento duzentos trezentos quinhentos mil"
        " milhão milhões bilhão bilhões",
    }.items()
}
