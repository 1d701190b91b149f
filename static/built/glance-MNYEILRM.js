import{a,b}from"./chunk-DYFUYDYM.js";import"./chunk-TJEPGVB4.js";import"./chunk-OHWHHZ4C.js";import"./chunk-YTHVRBFW.js";import"./chunk-T7CIVKOA.js";export{a as open,b as openSmall};
