/** The middle of the desk: where everything is. It draws what the signals say; without it the list works as before. */
import { effect } from "../vendor.js";
import { get } from "../http.js";
import { alertsOf, chosen, latest, open, stationKey, stations } from "../state.js";
import { incidentTitle, placeName } from "../names.js";
import { now } from "../now.js";
import { fresh, valuesByStation } from "../stations.js";
import { styles } from "../map/base.js";
import { colour, FONT, themed } from "../map/colours.js";
import { grouped } from "../map/groups.js";
import { forget, group, icon, symbol } from "../map/symbols.js";

const PAUSE = 500;
const EDGE = 60;

/** @param {HTMLElement} box @returns {Promise<{fit: () => void, zoom: (step: number) => void}>} */
export async function openMap(box) {
  const ol = await import("/static/vendor/ol.js");
  const base = await get("/map/base");
  const view = new ol.View({ maxZoom: 18, minZoom: 4, enableRotation: false });
  const ground = new ol.VectorLayer({ source: new ol.VectorSource(), zIndex: 0 });
  const points = new ol.VectorLayer({ source: new ol.VectorSource(), zIndex: 2, declutter: true });
  ground.getSource().addFeatures(new ol.GeoJSON({ featureProjection: "EPSG:3857" }).readFeatures(base));
  const map = new ol.Map({ target: box, view, layers: [ground, points], controls: [] });
  const draw = () => paint(ol, points.getSource(), view);
  let timer = 0;
  const soon = () => (timer ||= setTimeout(() => ((timer = 0), draw()), PAUSE));
  const fit = () => {
    const places = marks().map((one) => ol.fromLonLat(one.place));
    view.fit(ol.buffer(ol.boundingExtent(places.length ? places : [ol.fromLonLat([121.6, 29.96])]), 500), { padding: [48, 48, 48, 48], maxZoom: 15, size: map.getSize() });
  };
  effect(() => {
    themed.value;
    forget();
    ground.setStyle(styles(ol, () => view.getZoom() ?? 0));
    soon();
  });
  effect(() => {
    open.value, stations.value, latest.value, chosen.value, Math.floor(now.value / 5000);
    soon();
  });
  let fitted = false;
  effect(() => {
    if (!fitted && stations.value.length) (fitted = true), fit();
  });
  effect(() => {
    const mark = marks().find((one) => one.chosen);
    if (mark) keep(ol, map, view, mark.place);
  });
  map.on("moveend", draw);
  map.on("click", (event) => clicked(ol, map, event));
  new ResizeObserver(() => map.updateSize()).observe(box);
  return { fit, zoom: (step) => view.setZoom(view.getZoom() + step) };
}

/** Every station with its worst incident, and the incidents that stand where no station is. */
function marks() {
  const values = valuesByStation();
  const worst = new Map();
  for (const one of open.value) {
    const key = stationKey(one.target);
    if (!worst.has(key) || one.level < worst.get(key).level) worst.set(key, one);
  }
  const found = stations.value.filter((one) => !one.gateway).flatMap((one) => station(one, values, worst));
  for (const [key, one] of worst) {
    if (found.some((mark) => mark.key === key) || one.lon === null) continue;
    found.push({ key, kind: "report", place: [one.lon, one.lat], state: "online", level: one.level, incident: one, heading: null, name: placeName(one), chosen: one.id === chosen.value.incident });
  }
  return found;
}

function station(one, values, worst) {
  const key = stationKey(one);
  const own = values.get(key);
  const at = (name) => own?.get(name)?.value ?? null;
  const [lon, lat] = [at("lon") ?? one.lon, at("lat") ?? one.lat];
  if (lon === null || lat === null || lon === undefined) return [];
  const incident = worst.get(key);
  const here = chosen.value.station === key || (incident && chosen.value.incident === incident.id);
  return [{ key, kind: one.kind, place: [lon, lat], state: fresh(one, values), level: incident?.level ?? 0, incident, heading: at("heading"), name: placeName({ source: "alert", target: one }), chosen: Boolean(here) }];
}

function paint(ol, source, view) {
  const placed = marks().map((one) => ({ mark: one, at: ol.fromLonLat(one.place), picked: one.chosen }));
  const { alone, groups } = grouped(placed, view.getResolution() ?? 1);
  const features = groups.map(({ at, members }) => {
    const feature = new ol.Feature({ geometry: new ol.Point(at), members: members.map((one) => one.at) });
    feature.setStyle(new ol.Style({ image: icon(ol, group(members.length, members.every(({ mark }) => mark.state === "online"))) }));
    return feature;
  });
  for (const { mark, at } of alone) {
    const feature = new ol.Feature({ geometry: new ol.Point(at), mark });
    const image = icon(ol, symbol({ kind: mark.kind, state: mark.state, level: mark.level, heading: mark.heading, picked: mark.chosen }));
    const named = mark.incident || mark.chosen;
    feature.setStyle(new ol.Style({ image, text: named ? label(ol, mark) : undefined, zIndex: mark.chosen ? 9 : 8 - (mark.level || 6) }));
    features.push(feature);
  }
  source.clear(true);
  source.addFeatures(features);
}

function label(ol, mark) {
  const words = mark.incident ? `${incidentTitle(mark.incident, alertsOf(mark.incident.id)[0])}\n${mark.name}` : mark.name;
  const ink = { fill: new ol.Fill({ color: colour("ink") }), stroke: new ol.Stroke({ color: colour("map-land"), width: 3 }) };
  return new ol.Text({ text: words, font: `600 12px ${FONT}`, offsetX: 18, textAlign: "left", declutterMode: mark.chosen ? "none" : "declutter", ...ink });
}

/** Move the map when what was chosen is out of sight, or at its edge. */
function keep(ol, map, view, place) {
  const at = ol.fromLonLat(place);
  const [pixel, size] = [map.getPixelFromCoordinate(at), map.getSize()];
  if (!pixel || !size) return;
  if (!pixel.every((one, side) => one > EDGE && one < size[side] - EDGE)) view.setCenter(at);
}

function clicked(ol, map, event) {
  const found = map.forEachFeatureAtPixel(event.pixel, (feature) => (feature.get("mark") || feature.get("members") ? feature : undefined), { hitTolerance: 8 });
  if (!found) return;
  const mark = found.get("mark");
  if (!mark) map.getView().fit(ol.buffer(ol.boundingExtent(found.get("members")), 60), { padding: [60, 60, 60, 60], maxZoom: 17 });
  else chosen.value = mark.incident ? { incident: mark.incident.id } : { station: mark.key };
}
