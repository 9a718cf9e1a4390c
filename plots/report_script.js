/*
 * The report without this script is complete, only long: it sorts and filters
 * tables, shows their first rows until asked for more, and tells the values
 * under the pointer. Text is set as text only, never as markup.
 */
"use strict";

const SHORT = 20; /* rows of a table before "show all" */

function element(tag, className, text) {
	const made = document.createElement(tag);

	if (className) made.className = className;
	if (text !== undefined) made.textContent = text;
	return made;
}

/* ---- tables ------------------------------------------------------------ */

/* What a cell is sorted by: its number, or its text; null is not known. */
function sortKey(cell, isText) {
	if (cell.classList.contains("none")) return null;
	if (isText) return cell.textContent.toLowerCase();
	return Number(cell.dataset.v || cell.textContent.replace(/[,%]/g, ""));
}

function sortTable(table, column, down) {
	const body = table.tBodies[0];
	const isText = table.tHead.rows[0].cells[column].classList.contains("t");
	const rows = Array.from(body.rows, (row) => ({
		row,
		key: sortKey(row.cells[column], isText),
	}));
	const sign = down ? -1 : 1;

	rows.sort((a, b) => {
		if (a.key === null || b.key === null)
			return (a.key === null) - (b.key === null);
		return sign * ((a.key > b.key) - (a.key < b.key));
	});
	body.append(...rows.map((r) => r.row));
}

function makeSortable(table) {
	const heads = Array.from(table.tHead.rows[0].cells);

	heads.forEach((head, column) => {
		const button = element("button");

		button.type = "button";
		button.append(...head.childNodes);
		head.append(button);
		button.addEventListener("click", () => {
			const isText = head.classList.contains("t");
			const now = head.getAttribute("aria-sort");
			const down = now ? now === "ascending" : !isText;

			heads.forEach((h) => h.removeAttribute("aria-sort"));
			head.setAttribute(
				"aria-sort",
				down ? "descending" : "ascending",
			);
			sortTable(table, column, down);
		});
	});
}

/* Shows the rows that hold all words. Returns what is shown of how many. */
function filterTable(table, words) {
	let shown = 0;

	for (const row of table.tBodies[0].rows) {
		const text = row.textContent.toLowerCase();

		row.hidden = !words.every((word) => text.includes(word));
		shown += !row.hidden;
	}
	return shown;
}

function makeFilter(table) {
	const total = table.tBodies[0].rows.length;
	const bar = element("div", "bar");
	const input = element("input");
	const count = element("span", "count");
	const all = element("button", "all");
	let open = false;

	input.type = "search";
	input.placeholder = "filter rows";
	input.setAttribute("aria-label", "Filter: " + table.caption.textContent);
	all.type = "button";
	function update() {
		const words = input.value.toLowerCase().split(/\s+/)
			.filter((word) => word);
		const shown = filterTable(table, words);
		const short = !open && !words.length && total > SHORT;

		table.classList.toggle("short", short);
		count.textContent = words.length || short
			? (short ? SHORT : shown) + " of " + total + " rows"
			: !total ? "none" /* as the text tables say */
			: total + (total === 1 ? " row" : " rows");
		all.hidden = total <= SHORT || words.length > 0;
		all.textContent = open ? "show fewer" : "show all";
	}
	input.addEventListener("input", update);
	all.addEventListener("click", () => {
		open = !open;
		update();
	});
	bar.append(input, count, all);
	table.parentNode.before(bar);
	update();
	return (text) => {
		input.value = text;
		update();
	};
}

function makeTables() {
	const filters = [];

	for (const table of document.querySelectorAll("table.rows")) {
		makeSortable(table);
		filters.push(makeFilter(table));
	}
	const every = document.getElementById("filter-all");

	every.hidden = false;
	every.addEventListener("input", () => {
		filters.forEach((set) => set(every.value));
	});
}

/* ---- pictures ---------------------------------------------------------- */

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

function number(value) {
	return value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

function bytes(value) {
	let unit = 0;
	let scaled = value;

	while (Math.abs(scaled) >= 1024 && unit + 1 < BYTE_UNITS.length) {
		scaled /= 1024;
		unit++;
	}
	return scaled.toLocaleString("en-US", {
		maximumFractionDigits: unit ? 1 : 0,
	}) + " " + BYTE_UNITS[unit];
}

function valueText(value, unit) {
	if (value === null) return "\u2013";
	if (unit === "bytes") return bytes(value);
	return number(value) + (unit ? " " + unit : "");
}

/* The panel that the point lies in, in the picture's own units. */
function panelAt(hover, x, y) {
	return hover.at.findIndex(
		(p) => x >= p[0] && x <= p[0] + p[2] &&
			y >= p[1] && y <= p[1] + p[3],
	);
}

/* The last row that began before position, or the nearest one (bars). */
function rowAt(panel, position) {
	let low = 0;
	let high = panel.rows.length - 1;

	while (low < high) {
		const middle = (low + high + 1) >> 1;

		if (panel.rows[middle][0] <= position) low = middle;
		else high = middle - 1;
	}
	if (panel.names && low + 1 < panel.rows.length &&
	    panel.rows[low + 1][0] - position < position - panel.rows[low][0])
		low++;
	return panel.rows[low];
}

function fillTip(tip, panel, row) {
	const list = element("table");

	tip.replaceChildren(element("b", "", panel.names
		? panel.names[row[0] - 1]
		: number(row[0]) + " " + panel.unit), list);
	panel.values.forEach((value, i) => {
		const line = list.insertRow();

		line.append(
			element("td", "t", value[0]),
			element("td", "", valueText(row[i + 1], value[1])),
		);
	});
}

/* Beside the pointer, inside what is seen of the figure. */
function placeTip(tip, figure, event) {
	const box = figure.getBoundingClientRect();
	const from = figure.scrollLeft;
	const x = event.clientX - box.left + from;
	const y = event.clientY - box.top;
	const left = x + 16 + tip.offsetWidth < from + box.width
		? x + 16 : Math.max(from, x - 16 - tip.offsetWidth);

	tip.style.left = left + "px";
	tip.style.top =
		Math.max(0, Math.min(y, box.height - tip.offsetHeight)) + "px";
}

function makeHover(svg) {
	const hover = JSON.parse(svg.dataset.hover);
	const figure = svg.parentNode;
	const tip = element("div", "tip");
	const line = document.createElementNS(svg.namespaceURI, "path");

	tip.hidden = true;
	line.setAttribute("class", "cursor");
	figure.append(tip);
	svg.append(line);
	svg.addEventListener("pointermove", (event) => {
		const point = new DOMPoint(event.clientX, event.clientY)
			.matrixTransform(svg.getScreenCTM().inverse());
		const i = panelAt(hover, point.x, point.y);
		const panel = hover.panels[i];

		tip.hidden = i < 0 || !panel || !panel.rows.length;
		line.style.display = tip.hidden ? "none" : "";
		if (tip.hidden) return;
		const [x, y, width, height, from, to] = hover.at[i];
		const share = panel.axis === "y"
			? (point.y - y) / height : (point.x - x) / width;

		fillTip(tip, panel, rowAt(panel, from + share * (to - from)));
		placeTip(tip, figure, event);
		line.setAttribute("d", panel.axis === "y"
			? `M${x},${point.y}h${width}`
			: `M${point.x},${y}v${height}`);
	});
	svg.addEventListener("pointerleave", () => {
		tip.hidden = true;
		line.style.display = "none";
	});
}

makeTables();
document.querySelectorAll("svg[data-hover]").forEach(makeHover);
