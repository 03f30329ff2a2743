/** The map under everything: our sketch or the operator's own GeoJSON, in the theme's colours. */
import { colour, FONT } from "./colours.js";
import { zh } from "../site.js";

const LABELS_FROM = 11;

/** How a feature of the base map looks, by its property `class`. @param {any} ol @param {() => number} zoom */
export function styles(ol, zoom) {
  const line = (name, width, dash) => new ol.Style({ stroke: new ol.Stroke({ color: colour(name), width, lineDash: dash, lineCap: "round", lineJoin: "round" }) });
  const area = (fill, edge) => new ol.Style({ fill: new ol.Fill({ color: colour(fill) }), stroke: edge && new ol.Stroke({ color: colour(edge), width: 1 }) });
  const looks = {
    land: area("map-land", "map-shore"),
    water: area("map-water", "map-shore"),
    sea: area("map-water"),
    river: [line("map-shore", 5), line("map-water", 3.4)],
    town: area("map-town"),
    works: area("map-town", "map-road"),
    road: line("map-road", 2.2),
    border: line("map-border", 1.4, [8, 5]),
  };
  const plain = { Point: undefined, LineString: looks.road, MultiLineString: looks.road, Polygon: looks.town, MultiPolygon: looks.town };
  return (feature) => {
    const look = looks[feature.get("class")] ?? plain[feature.getGeometry().getType()];
    const name = zoom() >= LABELS_FROM ? ((zh ? feature.get("name_zh") : feature.get("name_en")) ?? feature.get("name")) : "";
    if (!name) return look;
    const along = feature.getGeometry().getType() === "LineString";
    const text = new ol.Text({
      text: name,
      font: `12px ${FONT}`,
      placement: along ? "line" : "point",
      overflow: !along,
      offsetY: along ? 0 : 16,
      fill: new ol.Fill({ color: colour("map-name") }),
      stroke: new ol.Stroke({ color: colour("map-land"), width: 3 }),
    });
    return [look, new ol.Style({ text })].flat().filter(Boolean);
  };
}
