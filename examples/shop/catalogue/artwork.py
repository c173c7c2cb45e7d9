"""Draws a product's picture: a soft background and a simple object in front of it."""

import random

PALETTES = [
    ("#f3ece2", "#e2d2bb", "#b5693f", "#4a3526"),
    ("#e6efec", "#c4d9d2", "#2f6b62", "#173b38"),
    ("#eef0f5", "#cfd6e6", "#3c5a94", "#1f2f50"),
    ("#f7e9e4", "#ecc9bc", "#c2553d", "#5c2418"),
    ("#f4f0dc", "#e5dba9", "#b18a1d", "#57430c"),
    ("#ece8f1", "#d2c8e0", "#6d5596", "#362850"),
    ("#e9f1e4", "#cbdfbd", "#5b8441", "#2b4320"),
    ("#f1eeea", "#d9d3cb", "#77706a", "#35312e"),
]

# {a} is the object's main colour, {b} its dark side, {c} a light touch.
OBJECTS = {
    "lamp": '<path d="M150 110h100l40 90H110z" fill="{a}"/><rect x="194" y="200" width="12" height="92" fill="{b}"/><rect x="150" y="288" width="100" height="14" rx="7" fill="{b}"/>',
    "vase": '<path d="M172 96h56v40c0 26 42 44 42 96 0 44-30 72-70 72s-70-28-70-72c0-52 42-70 42-96z" fill="{a}"/><path d="M134 214c40 22 92 22 132 0" stroke="{c}" stroke-width="8" fill="none"/>',
    "cushion": '<path d="M104 118c30 14 162 14 192 0-12 40-12 120 0 160-30-14-162-14-192 0 12-40 12-120 0-160z" fill="{a}"/><path d="M132 150c40 8 96 8 136 0M132 246c40-8 96-8 136 0" stroke="{c}" stroke-width="5" fill="none"/>',
    "chair": '<rect x="138" y="92" width="124" height="112" rx="22" fill="{a}"/><rect x="126" y="204" width="148" height="28" rx="10" fill="{b}"/><path d="M140 232l-14 76M260 232l14 76" stroke="{b}" stroke-width="11" stroke-linecap="round"/>',
    "mug": '<rect x="122" y="130" width="128" height="150" rx="18" fill="{a}"/><path d="M250 164h24c42 0 42 76 0 76h-24" stroke="{a}" stroke-width="18" fill="none"/><path d="M122 176h128" stroke="{c}" stroke-width="8"/>',
    "pan": '<ellipse cx="176" cy="206" rx="92" ry="84" fill="{b}"/><ellipse cx="176" cy="206" rx="72" ry="64" fill="{a}"/><rect x="256" y="192" width="96" height="22" rx="11" fill="{b}"/>',
    "knife": '<path d="M96 190c80-44 140-44 170-34v40H96z" fill="{c}" stroke="{b}" stroke-width="4"/><rect x="262" y="154" width="86" height="40" rx="14" fill="{b}"/><path d="M110 250h180" stroke="{a}" stroke-width="20" stroke-linecap="round"/>',
    "bowl": '<path d="M92 178h216c0 78-48 116-108 116S92 256 92 178z" fill="{a}"/><ellipse cx="200" cy="178" rx="108" ry="26" fill="{b}"/><path d="M160 294h80v14h-80z" fill="{b}"/>',
    "tent": '<path d="M200 96l132 200H68z" fill="{a}"/><path d="M200 96l42 200h-84z" fill="{b}"/><path d="M200 96l16-22" stroke="{b}" stroke-width="8"/>',
    "backpack": '<path d="M156 116c0-54 88-54 88 0" stroke="{b}" stroke-width="12" fill="none"/><rect x="126" y="112" width="148" height="190" rx="44" fill="{a}"/><rect x="148" y="210" width="104" height="68" rx="16" fill="{b}"/><rect x="160" y="150" width="80" height="12" rx="6" fill="{c}"/>',
    "bottle": '<rect x="176" y="78" width="48" height="34" rx="8" fill="{b}"/><path d="M168 116h64c0 30 18 34 18 64v104c0 14-10 24-24 24h-52c-14 0-24-10-24-24V180c0-30 18-34 18-64z" fill="{a}"/><rect x="150" y="204" width="100" height="44" fill="{c}"/>',
    "compass": '<circle cx="200" cy="200" r="104" fill="{b}"/><circle cx="200" cy="200" r="84" fill="{c}"/><path d="M200 132l26 68h-52z" fill="{a}"/><path d="M200 268l26-68h-52z" fill="{b}"/>',
    "shirt": '<path d="M152 98l-66 44 26 52 30-16v126h116V178l30 16 26-52-66-44c-12 30-84 30-96 0z" fill="{a}"/><path d="M152 98c12 30 84 30 96 0" stroke="{c}" stroke-width="7" fill="none"/>',
    "jacket": '<path d="M150 92l-64 54 18 128 34-6v38h124v-38l34 6 18-128-64-54-50 26z" fill="{a}"/><path d="M200 120v186" stroke="{b}" stroke-width="7"/><path d="M150 92l50 56 50-56" fill="{b}"/>',
    "hat": '<path d="M128 220c0-70 24-112 72-112s72 42 72 112z" fill="{a}"/><path d="M128 196h144v26H128z" fill="{b}"/><ellipse cx="200" cy="232" rx="136" ry="26" fill="{a}"/>',
    "socks": '<path d="M146 84h62v120c0 16 14 22 36 36 34 22 20 66-14 66-44 0-84-34-84-76z" fill="{a}"/><rect x="146" y="84" width="62" height="28" fill="{b}"/><path d="M146 140h62M146 166h62" stroke="{c}" stroke-width="9"/>',
    "headphones": '<path d="M104 226v-20c0-124 192-124 192 0v20" stroke="{b}" stroke-width="18" fill="none"/><rect x="84" y="212" width="52" height="84" rx="24" fill="{a}"/><rect x="264" y="212" width="52" height="84" rx="24" fill="{a}"/>',
    "speaker": '<rect x="128" y="84" width="144" height="228" rx="26" fill="{a}"/><circle cx="200" cy="236" r="50" fill="{b}"/><circle cx="200" cy="236" r="20" fill="{c}"/><circle cx="200" cy="136" r="26" fill="{b}"/>',
    "clock": '<circle cx="200" cy="200" r="108" fill="{a}"/><circle cx="200" cy="200" r="90" fill="{c}"/><path d="M200 136v64l42 30" stroke="{b}" stroke-width="10" fill="none" stroke-linecap="round"/>',
    "book": '<path d="M112 108c40-14 72-8 88 10 16-18 48-24 88-10v176c-40-14-72-8-88 10-16-18-48-24-88-10z" fill="{a}"/><path d="M200 118v176" stroke="{b}" stroke-width="7"/><path d="M134 146c20-4 34-2 46 4M134 176c20-4 34-2 46 4M220 150c12-6 26-8 46-4" stroke="{c}" stroke-width="5" fill="none"/>',
    "pen": '<path d="M262 92l46 46-150 150-62 16 16-62z" fill="{a}"/><path d="M262 92l46 46-24 24-46-46z" fill="{b}"/><path d="M112 242l46 46-62 16z" fill="{c}"/>',
    "plant": '<path d="M146 224h108l-14 84h-80z" fill="{b}"/><path d="M200 224c-8-60-60-70-84-64 6 44 40 66 84 64zM200 224c4-80 54-98 90-92-4 56-42 92-90 92zM200 224c-20-60-14-112 4-134 26 34 20 90-4 134z" fill="{a}"/>',
    "basket": '<path d="M128 180c0-110 144-110 144 0" stroke="{b}" stroke-width="12" fill="none"/><path d="M96 180h208l-24 122H120z" fill="{a}"/><path d="M108 222h184M116 262h168M160 180l8 122M240 180l-8 122" stroke="{c}" stroke-width="6"/>',
    "blocks": '<rect x="98" y="204" width="92" height="92" rx="10" fill="{a}"/><rect x="206" y="204" width="92" height="92" rx="10" fill="{b}"/><path d="M200 92l56 100H144z" fill="{a}"/><circle cx="144" cy="250" r="22" fill="{c}"/>',
    "box": '<path d="M200 92l104 52v118l-104 50-104-50V144z" fill="{a}"/><path d="M200 196l104-52v118l-104 50z" fill="{b}"/><path d="M148 118l104 52" stroke="{c}" stroke-width="9"/>',
}

PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img">
<defs><linearGradient id="g" gradientTransform="rotate({angle})"><stop stop-color="{light}"/>
<stop offset="1" stop-color="{shade}"/></linearGradient></defs>
<rect width="400" height="400" fill="url(#g)"/>
<circle cx="{cx}" cy="{cy}" r="{r}" fill="#fff" opacity=".35"/>
<ellipse cx="200" cy="318" rx="120" ry="14" fill="{dark}" opacity=".16"/>
<g transform="translate(200 200) rotate({tilt}) scale({size}) translate(-200 -200)">{shape}</g>
</svg>"""


def draw(kind, seed):
    chance = random.Random(seed)
    light, shade, main, dark = chance.choice(PALETTES)
    shape = OBJECTS.get(kind, OBJECTS["box"]).format(a=main, b=dark, c=light)
    return PICTURE.format(
        angle=chance.randrange(20, 80),
        light=light,
        shade=shade,
        dark=dark,
        cx=chance.randrange(60, 340),
        cy=chance.randrange(60, 240),
        r=chance.randrange(70, 150),
        tilt=chance.choice([-6, -3, 0, 0, 3, 6]),
        size=chance.choice([0.82, 0.9, 0.96]),
        shape=shape,
    )
