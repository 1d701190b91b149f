import"./chunk-N46PIGCB.js";import"./chunk-QPBOD4RQ.js";import"./chunk-TJEPGVB4.js";import"./chunk-OHWHHZ4C.js";import"./chunk-YTHVRBFW.js";import"./chunk-T7CIVKOA.js";import"./chunk-BWNOX44G.js";
