"""Columns of text as tables have them, and what a person wants of each.

Those of the first part are like columns of public tables (telco, melbourne, housing, titanic, ames,
auto imports, horse colic, adult, churn, and those of scikit-learn), written as programs write them;
the others are what spreadsheets and forms hold.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

NUMBER, DATE, CATEGORY, YES_NO = (
    "SpelledNumberColumn",
    "SpelledDateColumn",
    "CategoryColumn",
    "YesNoColumn",
)


class Case(NamedTuple):
    """Values of a column, what a person wants of it, and whether a warning names it.

    ``first`` are the numbers of the first rows; dates as text of ISO; None is missing.
    """

    values: list
    wanted: str
    first: Sequence = ()
    warned: bool = False


N = 120
#: Spread as measured things are.
AMOUNTS = [round(3.7 * 1.09**i, 2) for i in range(N)]
COUNTS = [17 + i * i * 3 for i in range(N)]
DAYS = [date(2016, 1, 28) + timedelta(days=9 * i) for i in range(N)]


def repeated(*values):
    return (list(values) * N)[:N]


def some(every, value, values):
    """The values, of which every so many is replaced."""
    return [value if i % every == every - 1 else v for i, v in enumerate(values)]


COLUMNS = {
    # telco
    "TotalCharges": Case(some(40, " ", [f"{x}" for x in AMOUNTS]), NUMBER, [3.7, 4.03]),
    "Partner": Case(repeated("No", "Yes", "Yes"), YES_NO, [1, 2]),
    "MultipleLines": Case(repeated("No", "Yes", "No phone service"), CATEGORY),
    "Contract": Case(repeated("Month-to-month", "Two year", "One year"), CATEGORY),
    "PaymentMethod": Case(repeated("Electronic check", "Mailed check"), CATEGORY),
    "gender": Case(repeated("Male", "Female"), CATEGORY),
    # melbourne
    "Date": Case(
        [f"{d.day}/{d:%m/%Y}" for d in DAYS], DATE, ["2016-01-28", "2016-02-06", "2016-02-15"]
    ),
    "Suburb": Case(repeated("Reservoir", "Richmond", "Bentleigh East", "Preston"), CATEGORY),
    "Type": Case(repeated("h", "u", "t"), CATEGORY),
    "Postcode": Case([f"{3000 + 7 * i % 980}" for i in range(N)], CATEGORY, warned=True),
    # housing
    "median_income": Case([f"${x / 10:.4f}" for x in AMOUNTS], NUMBER, [0.37, 0.403]),
    "total_rooms": Case([f"{x:,}" for x in COUNTS], NUMBER, [17, 20, 29]),
    "ocean_proximity": Case(repeated("<1H OCEAN", "INLAND", "NEAR BAY"), CATEGORY),
    # titanic
    "ticket": Case(
        [t if i % 3 else f"{i} {t}" for i, t in enumerate(f"A/5 {x}" for x in COUNTS)], CATEGORY
    ),
    "cabin": Case([f"{'ABCDE'[i % 5]}{i % 60}" for i in range(N)], CATEGORY),
    "survived": Case(repeated("0", "1"), CATEGORY),
    "pclass": Case(repeated("3", "1", "2"), CATEGORY),
    "age": Case(some(7, "", [f"{i % 70}" for i in range(N)]), NUMBER, [0, 1]),
    "fare": Case([f"£{x}" for x in AMOUNTS], NUMBER, [3.7, 4.03]),
    "embarked": Case(repeated("S", "C", "Q", "S"), CATEGORY),
    # ames
    "Mas.Vnr.Type": Case(repeated("None", "BrkFace", "Stone"), CATEGORY),
    "House.Style": Case(repeated("1Story", "2Story", "1.5Fin", "SLvl", "2.5Unf"), CATEGORY),
    "Central.Air": Case(repeated("Y", "Y", "N"), YES_NO, [2, 2, 1]),
    "Paved.Drive": Case(some(40, "P", repeated("Y", "Y", "N")), CATEGORY),
    "Pool.QC": Case(some(30, "Gd", repeated("NA")), CATEGORY),
    "PID": Case([f"0{526301100 + 35 * i}" for i in range(N)], CATEGORY),
    "Year.Built": Case([f"{1890 + i}" for i in range(N)], NUMBER, [1890, 1891]),
    "Lot.Frontage": Case(some(6, "NA", [f"{21 + 7 * i % 90}" for i in range(N)]), NUMBER, [21, 28]),
    "Bldg.Type": Case(repeated("1Fam", "TwnhsE", "Duplex", "2fmCon"), CATEGORY),
    # auto imports
    "normalized-losses": Case(
        some(5, "?", [f"{65 + i * i % 191}" for i in range(N)]), NUMBER, [65, 66]
    ),
    "num-of-doors": Case(some(60, "?", repeated("four", "two")), CATEGORY),
    "peak-rpm": Case(
        some(90, "?", [f"{4150 + 50 * (i % 24)}" for i in range(N)]), NUMBER, [4150, 4200]
    ),
    "bore": Case(some(50, "?", [f"{2.54 + i % 40 / 100:.2f}" for i in range(N)]), NUMBER, [2.54]),
    "fuel-system": Case(repeated("mpfi", "2bbl", "idi", "1bbl", "4bbl"), CATEGORY),
    "drive-wheels": Case(repeated("fwd", "rwd", "4wd"), CATEGORY),
    # horse colic
    "surgery": Case(some(60, "?", repeated("1", "2")), CATEGORY),
    "rectal temperature": Case(
        some(5, "?", [f"{35.4 + i % 66 / 10:.2f}" for i in range(N)]), NUMBER, [35.4, 35.5]
    ),
    # adult, churn, credit, diamonds
    "education": Case(repeated("HS-grad", "Bachelors", "11th", "1st-4th", "9th"), CATEGORY),
    "workclass": Case(some(9, "?", repeated("Private", "State-gov")), CATEGORY),
    "CustomerId": Case([f"{15_565_701 + 997 * i}" for i in range(N)], CATEGORY, warned=True),
    "RowNumber": Case([f"{i + 1}" for i in range(N)], CATEGORY),
    "Surname": Case([f"Smith{'abcdefghij'[i % 10]}" for i in range(N)], CATEGORY),
    "Geography": Case(repeated("France", "Germany", "Spain"), CATEGORY),
    "clarity": Case(repeated("SI1", "VS2", "SI2", "VVS1", "I1"), CATEGORY),
    # scikit-learn's, as text
    "bmi": Case([f"{18 + i / 7:.1f}" for i in range(N)], NUMBER, [18.0, 18.1]),
    "worst area": Case([f"{185.2 + 33.3 * i:.1f}" for i in range(N)], NUMBER, [185.2, 218.5]),
    "proline": Case([f"{278 + 12 * i}" for i in range(N)], NUMBER, [278, 290]),
    "s1": Case([f"{(i - 60) / 977:.18e}" for i in range(N)], NUMBER, [-60 / 977, -59 / 977]),
    "pixel_2": Case([f"{float(i % 17)}" for i in range(N)], CATEGORY),
    "Store": Case([f"{7 * i % 83 + 1}" for i in range(N)], CATEGORY),
    # What spreadsheets and forms hold.
    "price in euro": Case(
        [f"{x:,.2f} €".translate(str.maketrans(",.", ".,")) for x in AMOUNTS], NUMBER, [3.7, 4.03]
    ),
    "inhabitants": Case([f"{x:,}".replace(",", " ") for x in COUNTS], NUMBER, [17, 20]),
    "balance in francs": Case([f"CHF {x:,}".replace(",", "’") for x in COUNTS], NUMBER, [17, 20]),
    "rupees": Case(["₹1,20,500", "₹95,000", *[f"₹{x}" for x in COUNTS]], NUMBER, [120500, 95000]),
    "profit": Case(
        [f"({x})" if i % 2 else f"{x}" for i, x in enumerate(AMOUNTS)], NUMBER, [3.7, -4.03]
    ),
    "change": Case([f"−{x} %" if x > 9 else f"{x} %" for x in AMOUNTS], NUMBER, [3.7, 4.03]),
    "experience": Case(
        [f"{i % 40 + 1} year{'s' if i % 40 else ''}" for i in range(N)], NUMBER, [1, 2]
    ),
    "mileage": Case([f"{x / 2:.1f} kmpl" for x in AMOUNTS], NUMBER, [1.9, 2.0]),
    "followers": Case(["950", "1.2k", "3.4M", *[f"{x}k" for x in AMOUNTS]], NUMBER, [950, 1200]),
    "app size": Case(
        some(30, "Varies with device", ["512 kB", "1.2 MB", *[f"{x} MB" for x in AMOUNTS[2:]]]),
        NUMBER,
        [512e3, 1.2e6],
        warned=True,
    ),
    "concentration": Case([f"{x / 7:.3g}".replace(".", ",") for x in AMOUNTS], NUMBER, [0.529]),
    "lengths": Case(
        [f"{x} km" if i % 2 else f"{x} m" for i, x in enumerate(COUNTS)], CATEGORY, warned=True
    ),
    "zip code": Case([f"{1001 + 613 * i:05d}" for i in range(N)], CATEGORY),
    "zip of the west": Case([f"{90001 + 73 * i}" for i in range(N)], CATEGORY, warned=True),
    "telephone": Case([f"555-01{i:03d}" for i in range(N)], CATEGORY),
    "address": Case([f"192.168.{100 + i}.{250 - i}" for i in range(N)], CATEGORY),
    "version": Case([f"{i % 3}.{i % 7}.{i}" for i in range(N)], CATEGORY),
    "seat": Case([f"{i % 30}{'ABCDEF'[i % 6]}" for i in range(N)], CATEGORY),
    "emp_length": Case(
        repeated("10+ years", "< 1 year", *[f"{i} years" for i in range(2, 10)]), CATEGORY
    ),
    "range": Case([f"{i}-{i + 9}" for i in range(N)], CATEGORY),
    "US date": Case([f"{d:%m/%d/%y}" for d in DAYS], DATE, ["2016-01-28", "2016-02-06"]),
    "open date": Case(
        [f"{i % 12 + 1:02d}/{i % 9 + 1:02d}/2020" for i in range(N)], CATEGORY, warned=True
    ),
    "timestamp": Case([f"{d}T10:30:15.250Z" for d in DAYS], DATE, ["2016-01-28T10:30:15.250"]),
    "mail date": Case(
        [f"{d:%a, %d %b %Y} 10:30:00 +0200" for d in DAYS], DATE, ["2016-01-28T10:30"]
    ),
    "spoken date": Case([f"{d:%B} {d.day}, {d.year}" for d in DAYS], DATE, ["2016-01-28"]),
    "month": Case([f"{d:%b-%Y}" for d in DAYS], DATE, ["2016-01-01", "2016-02-01"]),
    "compact date": Case([f"{d:%Y%m%d}" for d in DAYS], DATE, ["2016-01-28", "2016-02-06"]),
    "German date": Case([f"{d:%d.%m.%Y}" for d in DAYS], DATE, ["2016-01-28", "2016-02-06"]),
    "quarter": Case([f"{d.year}Q{(d.month + 2) // 3}" for d in DAYS], DATE, ["2016-01-01"]),
    "opening": Case(["9:05 pm", "12:00 am", *repeated("10:30 am")], DATE, ["21:05", "00:00"]),
    "subscribed": Case(some(20, "unknown", repeated("TRUE", "false")), YES_NO, [2, 1]),
    "status": Case(repeated("yes", "no", "maybe"), CATEGORY),
    "model": Case(repeated("3 series", "5 series", "7 series"), CATEGORY),
    "membership": Case(repeated("1 year", "2 years", "5 years"), NUMBER, [1, 2, 5]),
    "region": Case([f"FR-{75001 + 7 * i}" for i in range(N)], CATEGORY),
    "weekday": Case(repeated("Mon", "Tue", "Sat"), CATEGORY),
    "month of the year": Case(repeated("Jan", "May", "Dec"), CATEGORY),
    "season": Case([f"20{i:02d}-{i + 1:02d}" for i in range(10, 24)] * 9, CATEGORY),
    "blood pressure": Case([f"{110 + i % 40}/{70 + i % 25}" for i in range(N)], CATEGORY),
    "place": Case([f"{40 + i / 7:.4f}, {2 + i / 9:.4f}" for i in range(N)], CATEGORY),
    "track": Case([f"{i % 12 + 1:02d}" for i in range(N)], CATEGORY),
    "balance": Case(
        [f"{x:,}{'' if i % 3 else '-'}" for i, x in enumerate(AMOUNTS)], NUMBER, [-3.7, 4.03]
    ),
    "area": Case([f"{x} m²" for x in COUNTS], NUMBER, [17, 20]),
    "last seen": Case(
        some(30, "0000-00-00 00:00:00", [f"{d} 08:15:00" for d in DAYS]), DATE, ["2016-01-28T08:15"]
    ),
    "all unknown": Case(repeated("?", "n/a"), CATEGORY),
}

#: What is not as a person wants it: what the column becomes instead. It may be two at most.
MISTAKES = {
    # Numbers of any length may count something, and nothing but their name would tell.
    "Store": NUMBER,
}
