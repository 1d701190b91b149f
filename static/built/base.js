import"./chunk-EY45DM76.js";import"./chunk-BWNOX44G.js";
