/** The drawn map: base, track, marks. It draws what the signals say and tells which mark was clicked; without it the list still works. */
import { effect } from "../vendor.js";
import { get } from "../http.js";
import { now } from "../now.js";
import { t } from "../words.js";
import { styles } from "./base.js";
import { colour, FONT, themed } from "./colours.js";
import { grouped } from "./groups.js";
import { stateNow, wanted } from "./marks.js";
import { cursor, track } from "./replay.js";
import { forget, group, icon, symbol } from "./symbols.js";
import { trackFeatures } from "./trace.js";
import { moment, pick, picked, place } from "./view.js";

const NAMES_FROM = 11.5;
const MOST_NAMES = 400;
const PAUSE = 400;
const EDGE = 40;

/** @param {HTMLElement} box @returns {Promise<any>} */
export async function openMap(box) {
  const ol = await import("/static/vendor/ol.js");
  const base = await get("/map/base");
  const view = new ol.View({ maxZoom: 19, minZoom: 4, enableRotation: false });
  const layer = (zIndex, more = {}) => new ol.VectorLayer({ source: new ol.VectorSource(), zIndex, updateWhileInteracting: true, ...more });
  const ground = layer(0, { updateWhileInteracting: false });
  const trace = layer(1);
  const points = layer(2, { declutter: true });
  const ghost = layer(3);
  ground.getSource().addFeatures(new ol.GeoJSON({ featureProjection: "EPSG:3857" }).readFeatures(base));
  const map = new ol.Map({ target: box, view, layers: [ground, trace, points, ghost], controls: [new ol.ScaleLine({ className: "map-scale" })] });

  const drawMarks = () => draw(ol, points.getSource(), view);
  const soon = gathered(() => !view.getInteracting() && drawMarks());
  effect(() => {
    themed.value;
    forget();
    ground.setStyle(styles(ol, () => view.getZoom() ?? 0));
  });
  effect(() => {
    themed.value, wanted.value, picked.value, moment.value === null, Math.floor(now.value / 5000);
    soon();
  });
  effect(() => {
    themed.value;
    const found = trackFeatures(ol, track.value);
    trace.getSource().clear(true);
    trace.getSource().addFeatures(found);
  });
  effect(() => {
    themed.value;
    drawGhost(ol, ghost.getSource(), cursor.value);
    if (cursor.value) keep(ol, map, view, [cursor.value.lon, cursor.value.lat]);
  });
  let before = picked.peek();
  effect(() => {
    const mark = wanted.peek().find((one) => one.key === picked.value);
    if (mark?.place && picked.value !== before) keep(ol, map, view, mark.place);
    before = picked.value;
  });
  map.on("moveend", () => {
    const centre = ol.toLonLat(view.getCenter());
    place.value = [...centre, view.getZoom()];
    drawMarks();
  });
  map.on("click", (event) => clicked(ol, map, event));
  map.on("pointermove", (event) => {
    if (!event.dragging) box.style.cursor = map.hasFeatureAtPixel(event.pixel, { hitTolerance: 6, layerFilter: (one) => one === points }) ? "pointer" : "";
  });

  const fit = () => fitAll(ol, view, map, wanted.peek().filter((one) => one.place).map((one) => ol.fromLonLat(one.place)));
  if (place.peek()) view.setCenter(ol.fromLonLat(place.peek().slice(0, 2))), view.setZoom(place.peek()[2]);
  else fit();
  return {
    fit,
    show: (at) => view.animate({ center: ol.fromLonLat(at), zoom: Math.max(view.getZoom(), 14), duration: 200 }),
    fitTrack: (found) => fitAll(ol, view, map, found.parts.flat().map((row) => ol.fromLonLat([row[1], row[2]]))),
    zoom: (step) => view.animate({ zoom: view.getZoom() + step, duration: 150 }),
    attribution: attributionOf(base),
  };
}

/** Move the map when the place is out of sight, or at its edge. */
function keep(ol, map, view, at) {
  const pixel = map.getPixelFromCoordinate(ol.fromLonLat(at));
  const size = map.getSize();
  if (!pixel || !size || view.getInteracting()) return;
  const inside = pixel.every((one, side) => one > EDGE && one < size[side] - EDGE);
  if (!inside) view.setCenter(ol.fromLonLat(at));
}

const attributionOf = (base) => (document.documentElement.lang.startsWith("zh") ? base.attribution_zh : base.attribution_en) ?? base.attribution ?? "";

/** Many changes in a short while are one drawing. */
function gathered(work) {
  let timer = 0;
  return () => {
    timer ||= setTimeout(() => {
      timer = 0;
      requestAnimationFrame(work);
    }, PAUSE);
  };
}

function fitAll(ol, view, map, places) {
  if (!places.length) places = [ol.fromLonLat([121.6, 29.96])];
  const extent = ol.buffer(ol.boundingExtent(places), 400);
  view.fit(extent, { padding: [48, 48, 48, 48], maxZoom: 16, size: map.getSize() });
}

function draw(ol, source, view) {
  const replaying = moment.peek() !== null;
  const visible = wanted.peek().filter((one) => one.place && !(replaying && one.kind === "vehicle"));
  const chosen = picked.peek();
  const [west, south, east, north] = around(ol, view);
  const placed = visible
    .map((one) => ({ mark: one, at: ol.fromLonLat(one.place), picked: one.key === chosen }))
    .filter(({ at: [x, y] }) => x > west && x < east && y > south && y < north);
  const { alone, groups } = grouped(placed, view.getResolution() ?? 1);
  const named = (view.getZoom() ?? 0) >= NAMES_FROM && alone.length <= MOST_NAMES;
  const features = groups.map((one) => groupFeature(ol, one));
  for (const one of alone) features.push(markFeature(ol, one, named || one.picked || one.mark.level > 0));
  source.clear(true);
  source.addFeatures(features);
}

/** What is in sight and half as much again on each side, so that moving the map shows no empty edge. */
function around(ol, view) {
  const [west, south, east, north] = view.calculateExtent();
  return ol.buffer([west, south, east, north], Math.max(east - west, north - south) / 2);
}

function markFeature(ol, { mark, at, picked: here }, named) {
  const state = stateNow(mark);
  const feature = new ol.Feature({ geometry: new ol.Point(at), key: mark.key });
  const image = icon(ol, symbol({ kind: mark.kind, state, level: mark.level, heading: mark.heading, picked: here }));
  const words = state === "online" ? mark.name : `${mark.name} ${t(`state.${state}`)}`;
  feature.setStyle(new ol.Style({ image, text: named ? label(ol, words, here || mark.level > 0) : undefined, zIndex: here ? 9 : 8 - (mark.level || 6) }));
  return feature;
}

function groupFeature(ol, { at, members }) {
  const feature = new ol.Feature({ geometry: new ol.Point(at), members: members.map((one) => one.at) });
  feature.setStyle(new ol.Style({ image: icon(ol, group(members.length, members.every(({ mark }) => stateNow(mark) === "online"))) }));
  return feature;
}

function label(ol, text, strong) {
  return new ol.Text({
    text,
    font: `${strong ? "600 " : ""}12px ${FONT}`,
    offsetX: 16,
    textAlign: "left",
    // Names give way to each other; what rings and what is chosen keep theirs.
    declutterMode: strong ? "none" : "declutter",
    fill: new ol.Fill({ color: colour("ink") }),
    stroke: new ol.Stroke({ color: colour("map-land"), width: 3 }),
  });
}

function drawGhost(ol, source, at) {
  source.clear(true);
  if (!at) return source.changed();
  const feature = new ol.Feature({ geometry: new ol.Point(ol.fromLonLat([at.lon, at.lat])) });
  const image = icon(ol, symbol({ kind: "vehicle", state: at.gap ? "silent" : "online", level: 0, heading: at.heading ?? 0, picked: true }));
  feature.setStyle(new ol.Style({ image, text: label(ol, at.words, true) }));
  source.addFeature(feature);
  return undefined;
}

function clicked(ol, map, event) {
  const found = map.forEachFeatureAtPixel(event.pixel, (feature) => (feature.get("key") || feature.get("members") || feature.get("time") ? feature : undefined), { hitTolerance: 8 });
  if (!found) return;
  if (found.get("members")) {
    map.getView().fit(ol.buffer(ol.boundingExtent(found.get("members")), 60), { padding: [60, 60, 60, 60], maxZoom: 18, duration: 200 });
  } else if (found.get("time")) moment.value = found.get("time");
  else pick(found.get("key"));
}
