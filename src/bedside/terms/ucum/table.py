"""The facts of UCUM 2.2: base units, prefixes, and every unit with its exact definition.

One line is one unit: `code value unit`, meaning "one of this code is `value` of that unit". Values are exact
rationals or decimals, never floats; a definition may use any other code of the table. Groups say what UCUM's
columns say: metric units take prefixes, plain ones do not, arbitrary ones are defined by a procedure and are
commensurable only with themselves (UCUM §24), and special ones are not on a ratio scale (UCUM §21).

UCUM's codes and values are copyright Regenstrief Institute, Inc. and the UCUM Organization, provided "as is"
and used under the licence at https://ucum.org/license, to which their further use is subject. The complete
specification is at https://ucum.org.
"""

from __future__ import annotations

#: The seven base units (UCUM §28). Mass is the gram, amount of substance is a pure number, angle has a dimension.
BASE_UNITS = ("m", "s", "g", "rad", "K", "C", "cd")

#: Prefixes as (symbol, power of ten) (UCUM §27) and, for information technology, as (symbol, power of two) (§45).
DECIMAL_PREFIXES = {
    "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1,
    "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24,
}  # fmt: skip
BINARY_PREFIXES = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40}

METRIC = """
mol 6.02214076 10*23
sr 1 rad2
Hz 1 s-1
N 1 kg.m/s2
Pa 1 N/m2
J 1 N.m
W 1 J/s
A 1 C/s
V 1 J/C
F 1 C/V
Ohm 1 V/A
S 1 Ohm-1
mho 1 S
Wb 1 V.s
T 1 Wb/m2
H 1 Wb/A
lm 1 cd.sr
lx 1 lm/m2
Bq 1 s-1
Gy 1 J/kg
Sv 1 J/kg
l 1 dm3
L 1 l
ar 100 m2
st 1 m3
t 1000 kg
bar 100000 Pa
u 1.66053906660e-24 g
eV 1 [e].V
pc 3.085678e16 m
[c] 299792458 m/s
[h] 6.62607015e-34 J.s
[k] 1.380649e-23 J/K
[eps_0] 8.854187817e-12 F/m
[mu_0] 4 [pi].10*-7.N/A2
[e] 1.602176634e-19 C
[m_e] 9.1093837139e-31 kg
[m_p] 1.67262192595e-27 kg
[G] 6.67430e-11 m3.kg-1.s-2
[g] 9.80665 m/s2
[ly] 1 [c].a_j
gf 1 g.[g]
Ky 1 cm-1
Gal 1 cm/s2
dyn 1 g.cm/s2
erg 1 dyn.cm
P 1 dyn.s/cm2
St 1 cm2/s
Bi 10 A
Mx 1e-8 Wb
G 1e-4 T
Oe 250 A/m/[pi]
Gb 1 Oe.cm
sb 1 cd/cm2
Lmb 1 cd/cm2/[pi]
ph 1e-4 lx
Ci 37e9 Bq
R 2.58e-4 C/kg
RAD 100 erg/g
REM 1 RAD
cal_[15] 4.1858 J
cal_[20] 4.1819 J
cal_m 4.19002 J
cal_IT 4.1868 J
cal_th 4.184 J
cal 1 cal_th
tex 1 g/km
m[H2O] 9.80665 kPa
m[Hg] 133.3220 kPa
eq 1 mol
osm 1 mol
g% 1 g/dl
kat 1 mol/s
U 1 umol/min
[IU] 1 [iU]
bit 1 1
By 8 bit
Bd 1 s-1
"""

PLAIN = """
10* 10 1
10^ 10 1
[pi] 3.1415926535897932384626433832795028841971693993751058209749445923 1
% 1 10*-2
[ppth] 1 10*-3
[ppm] 1 10*-6
[ppb] 1 10*-9
[pptr] 1 10*-12
circ 2 [pi].rad
deg 1 circ/360
gon 9/10 deg
' 1/60 deg
'' 1/60 '
sph 4 [pi].sr
min 60 s
h 60 min
d 24 h
wk 7 d
a 1 a_j
a_j 365.25 d
a_g 365.2425 d
a_t 365.24219 d
mo 1 mo_j
mo_j 1/12 a_j
mo_g 1/12 a_g
mo_s 29.53059 d
AU 149597.870691 Mm
Ao 0.1 nm
b 100 fm2
atm 101325 Pa
att 1 kgf/cm2
[lbf_av] 1 [lb_av].[g]
[psi] 1 [lbf_av]/[in_i]2
[HP] 550 [ft_i].[lbf_av]/s
[in_i] 2.54 cm
[ft_i] 12 [in_i]
[yd_i] 3 [ft_i]
[mi_i] 5280 [ft_i]
[fth_i] 6 [ft_i]
[nmi_i] 1852 m
[kn_i] 1 [nmi_i]/h
[hd_i] 4 [in_i]
[mil_i] 1e-3 [in_i]
[cml_i] 1/4 [pi].[mil_i]2
[sin_i] 1 [in_i]2
[sft_i] 1 [ft_i]2
[syd_i] 1 [yd_i]2
[cin_i] 1 [in_i]3
[cft_i] 1 [ft_i]3
[cyd_i] 1 [yd_i]3
[bf_i] 144 [in_i]3
[cr_i] 128 [ft_i]3
[ft_us] 1200/3937 m
[yd_us] 3 [ft_us]
[in_us] 1/12 [ft_us]
[mil_us] 1e-3 [in_us]
[rd_us] 16.5 [ft_us]
[ch_us] 4 [rd_us]
[lk_us] 1/100 [ch_us]
[rch_us] 100 [ft_us]
[rlk_us] 1/100 [rch_us]
[fth_us] 6 [ft_us]
[fur_us] 40 [rd_us]
[mi_us] 8 [fur_us]
[acr_us] 160 [rd_us]2
[srd_us] 1 [rd_us]2
[smi_us] 1 [mi_us]2
[sct] 1 [mi_us]2
[twp] 36 [sct]
[in_br] 2.539998 cm
[ft_br] 12 [in_br]
[yd_br] 3 [ft_br]
[pc_br] 2.5 [ft_br]
[fth_br] 6 [ft_br]
[rd_br] 16.5 [ft_br]
[ch_br] 4 [rd_br]
[lk_br] 1/100 [ch_br]
[mi_br] 5280 [ft_br]
[nmi_br] 6080 [ft_br]
[kn_br] 1 [nmi_br]/h
[acr_br] 4840 [yd_br]2
[gal_us] 231 [in_i]3
[bbl_us] 42 [gal_us]
[qt_us] 1/4 [gal_us]
[pt_us] 1/2 [qt_us]
[gil_us] 1/4 [pt_us]
[foz_us] 1/4 [gil_us]
[fdr_us] 1/8 [foz_us]
[min_us] 1/60 [fdr_us]
[tbs_us] 1/2 [foz_us]
[tsp_us] 1/3 [tbs_us]
[cup_us] 16 [tbs_us]
[crd_us] 128 [ft_i]3
[bu_us] 2150.42 [in_i]3
[gal_wi] 1/8 [bu_us]
[pk_us] 1/4 [bu_us]
[dqt_us] 1/8 [pk_us]
[dpt_us] 1/2 [dqt_us]
[foz_m] 30 mL
[cup_m] 240 mL
[tbs_m] 15 mL
[tsp_m] 5 mL
[gal_br] 4.54609 l
[pk_br] 2 [gal_br]
[bu_br] 4 [pk_br]
[qt_br] 1/4 [gal_br]
[pt_br] 1/2 [qt_br]
[gil_br] 1/4 [pt_br]
[foz_br] 1/5 [gil_br]
[fdr_br] 1/8 [foz_br]
[min_br] 1/60 [fdr_br]
[gr] 64.79891 mg
[lb_av] 7000 [gr]
[oz_av] 1/16 [lb_av]
[dr_av] 1/16 [oz_av]
[stone_av] 14 [lb_av]
[scwt_av] 100 [lb_av]
[lcwt_av] 112 [lb_av]
[ston_av] 20 [scwt_av]
[lton_av] 20 [lcwt_av]
[pwt_tr] 24 [gr]
[oz_tr] 20 [pwt_tr]
[lb_tr] 12 [oz_tr]
[sc_ap] 20 [gr]
[dr_ap] 3 [sc_ap]
[oz_ap] 8 [dr_ap]
[lb_ap] 12 [oz_ap]
[oz_m] 28 g
[car_m] 0.2 g
[car_Au] 1/24 1
[lne] 1/12 [in_i]
[pnt] 1/6 [lne]
[pca] 12 [pnt]
[pnt_pr] 0.013837 [in_i]
[pca_pr] 12 [pnt_pr]
[pied] 32.48 cm
[pouce] 1/12 [pied]
[ligne] 1/12 [pouce]
[didot] 1/6 [ligne]
[cicero] 12 [didot]
[smoot] 67 [in_i]
[degR] 5/9 K
[Cal] 1 kcal_th
[Btu] 1 [Btu_th]
[Btu_39] 1.05967 kJ
[Btu_59] 1.05480 kJ
[Btu_60] 1.05468 kJ
[Btu_m] 1.05587 kJ
[Btu_IT] 1.05505585262 kJ
[Btu_th] 1.054350 kJ
[den] 1/9 g/km
[in_i'H2O] 1 m[H2O].[in_i]/m
[in_i'Hg] 1 m[Hg].[in_i]/m
[PRU] 1 mm[Hg].s/ml
[wood'U] 1 mm[Hg].min/L
[diop] 1 m-1
[mesh_i] 1 [in_i]-1
[Ch] 1/3 mm
[drp] 1/20 ml
[hnsf'U] 1 1
[MET] 3.5 mL/min/kg
[S] 1 10*-13.s
[HPF] 1 1
[LPF] 100 1
[NTU] 1 1
[FNU] 1 1
"""

ARBITRARY_METRIC = "[iU]"

ARBITRARY = """
[arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U] [beth'U] [anti'Xa'U] [todd'U] [dye'U] [smgy'U] [bdsk'U] [ka'U] [knk'U]
[mclg'U] [tb'U] [CCID_50] [TCID_50] [EID_50] [PFU] [FFU] [CFU] [IR] [BAU] [AU] [Amb'a'1'U] [PNU] [Lf] [D'ag'U]
[FEU] [ELU] [EU] [hp_X] [hp_C] [hp_M] [hp_Q] [kp_X] [kp_C] [kp_M] [kp_Q]
"""

#: Interval scales, `code slope unit offset`: a value v is `v * slope + offset` of that unit, exactly.
INTERVAL_METRIC = "Cel 1 K 273.15"
INTERVAL = """
[degF] 5/9 K 45967/180
[degRe] 5/4 K 273.15
"""

#: Curved scales, `code curve reference unit`: the curve (see `scales`) turns a value into so many references.
CURVED_METRIC = """
Np exp 1 1
B ten 1 1
B[SPL] root_ten 0.00002 Pa
B[V] root_ten 1 V
B[mV] root_ten 1 mV
B[uV] root_ten 1 uV
B[10.nV] root_ten 10 nV
B[W] ten 1 W
B[kW] ten 1 kW
"""
CURVED = """
[pH] tenth 1 mol/l
[p'diop] angle 1 rad
%[slope] angle 1 rad
[hp'_X] tenth 1 1
[hp'_C] hundredth 1 1
[hp'_M] thousandth 1 1
[hp'_Q] fifty_thousandth 1 1
[m/s2/Hz^(1/2)] square 1 m2/s4/Hz
bit_s two 1 1
"""
