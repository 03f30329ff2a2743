/** A track as features: a line for each unbroken part, nothing where nothing was heard; stops and alarms on it. */
import { colour } from "./colours.js";
import { icon, stopSign, symbol } from "./symbols.js";

export function trackFeatures(ol, track) {
  if (!track) return [];
  const at = (lon, lat) => ol.fromLonLat([lon, lat]);
  const casing = new ol.Style({ stroke: new ol.Stroke({ color: colour("surface"), width: 7, lineCap: "round", lineJoin: "round" }) });
  const core = new ol.Style({ stroke: new ol.Stroke({ color: colour("accent"), width: 3.4, lineCap: "round", lineJoin: "round" }) });
  const lines = track.parts.map((rows) => {
    const feature = new ol.Feature({ geometry: new ol.LineString(rows.map((row) => at(row[1], row[2]))) });
    feature.setStyle([casing, core]);
    return feature;
  });
  const mark = (item, image, zIndex) => {
    const feature = new ol.Feature({ geometry: new ol.Point(at(item.lon, item.lat)), time: Date.parse(item.from) });
    feature.setStyle(new ol.Style({ image, zIndex }));
    return feature;
  };
  const stops = track.stops.map((one) => mark(one, icon(ol, stopSign()), 1));
  const look = { kind: "vehicle", state: "online", heading: null, picked: false };
  const alarms = track.alarms.filter((one) => one.lon !== null).map((one) => mark(one, icon(ol, symbol({ ...look, level: one.level })), 2));
  return [...lines, ...stops, ...alarms];
}
