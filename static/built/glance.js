import"./chunk-BYLMFRTG.js";import"./chunk-7KLWAZJY.js";import"./chunk-TJEPGVB4.js";import"./chunk-OHWHHZ4C.js";import"./chunk-EY45DM76.js";import"./chunk-T7CIVKOA.js";import"./chunk-BWNOX44G.js";
